"""Requests over TLS."""

import asyncio
import ssl

import pytest
import trustme

from pytest_examday.load.connection_pool import ConnectionPool
from pytest_examday.load.request import Origin
from pytest_examday.load.response import Broken, Response
from tests.load.asking_server import CLOSED, OK, Run, get, pool_of
from tests.load.sockets import answering, listening


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Signs the certificates of these tests."""
    return trustme.CA()


def _server_context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def test_requests_go_over_tls_to_the_name_that_was_meant(run: Run, authority: trustme.CA) -> None:
    server, client = _server_context(authority, "localhost"), ssl.create_default_context()
    authority.configure_trust(client)
    named: list[str | None] = []
    server.sni_callback = lambda _socket, name, _context: named.append(name)

    async def ask() -> tuple[list[bytes], int]:
        async with listening(answering(OK), tls=server) as listener:
            pool = ConnectionPool(Origin.of(f"https://localhost:{listener.port}"), client)
            bodies = [(await get(pool)).body for _ in range(3)]
            pool.close()
            await asyncio.wait_for(listener.hung_up.wait(), 2)
        return bodies, listener.connections

    assert run(ask()) == ([b"{}"] * 3, 1)
    assert named == ["localhost"]


@pytest.mark.parametrize("framing", CLOSED)
def test_an_answer_may_end_with_its_tls_connection(run: Run, authority: trustme.CA, framing: str) -> None:
    answer, status, body = CLOSED[framing]
    server, client = _server_context(authority, "127.0.0.1"), ssl.create_default_context()
    authority.configure_trust(client)

    async def ask() -> list[Response]:
        async with listening(answering(answer, hang_up=True), tls=server) as listener:
            pool = pool_of(listener, "https", client)
            return [await get(pool) for _ in range(2)]

    assert [(response.status, response.body) for response in run(ask())] == [(status, body)] * 2


@pytest.mark.parametrize("trusted", [True, False], ids=["another name", "unknown authority"])
def test_a_certificate_of_somebody_else_is_refused(run: Run, authority: trustme.CA, trusted: bool) -> None:
    server, client = _server_context(authority, "elsewhere.example"), ssl.create_default_context()
    if trusted:
        authority.configure_trust(client)

    async def ask() -> int:
        async with listening(answering(OK), tls=server) as listener:
            with pytest.raises(Broken, match="certificate"):
                await get(pool_of(listener, "https", client))
        return len(listener.asked)

    assert run(ask()) == 0
