"""What the tests of the wire ask, and what a platform may answer."""

import ssl
import time
from collections.abc import Callable, Coroutine
from typing import Any

from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.load.client import Client, ClientReply
from pytest_examday.load.connection_pool import ConnectionPool
from pytest_examday.load.request import Origin
from pytest_examday.load.response import Response
from tests.load.sockets import Listener

Run = Callable[[Coroutine[Any, Any, Any]], Any]
"""Runs a coroutine."""

REQUEST = b"GET /v1/sessions/s-1 HTTP/1.1\r\nHost: exam.example\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
KEPT = {
    "a length": (OK, 200, b"{}"),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
    "not modified": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, b""),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", 200, b"{}"),
    "chunks with extensions and trailers": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\nDigest: x\r\n\r\n",
        200,
        b"{}",
    ),
    "interim answers": (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK, 200, b"{}"),
    "a redirect": (b"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n", 302, b""),
    "HTTP/1.0, kept alive": (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}", 200, b"{}"),
    "an offer of HTTP/2": (
        b"HTTP/1.1 200 OK\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\n{}",
        200,
        b"{}",
    ),
}
CLOSED = {
    "connection: close": (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", 200, b"{}"),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, b"{}"),
    "no length, the connection's end": (b"HTTP/1.1 200 OK\r\n\r\n{}", 200, b"{}"),
}
FRAMINGS = KEPT | CLOSED


def pool_of(listener: Listener, scheme: str = "http", context: ssl.SSLContext | None = None) -> ConnectionPool:
    """Connections to what listens."""
    return ConnectionPool(Origin.of(f"{scheme}://{listener.address}"), context or ssl.create_default_context())


async def get(pool: ConnectionPool) -> Response:
    """The answer to one request, which is there before it is said to have ended."""
    response, ended = await pool.send(REQUEST, time.perf_counter() + 10)
    assert ended <= time.perf_counter()
    return response


def client_of(url: str, timeout: float = 2.0) -> Client:
    """A client of the platform at this address; `timeout` in seconds."""
    return Client(url, CONTRACT, timeout, ssl.create_default_context())


async def read(client: Client) -> ClientReply:
    """The answer to the reading of a session."""
    return await client.send("read", {"session_id": "s-1"}, token="t-1")
