"""Ports that the platform picks."""

import random
import socket

import pytest

from pytest_examday.local_servers import ports


def _left_in_time_wait() -> int:
    """A port whose service has ended a connection a moment ago."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((ports.HOST, ports.pick()))
        server.listen()
        port: int = server.getsockname()[1]
        with socket.create_connection((ports.HOST, port)):
            server.accept()[0].close()
    return port


def test_a_port_with_connections_in_time_wait_is_free_and_yet_not_picked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that had it may have it again; a socket that workers share could not be bound to it."""
    lately, other = _left_in_time_wait(), ports.pick()
    drawn = iter((lately, lately, other))
    monkeypatch.setattr(random.SystemRandom, "randint", lambda *_: next(drawn))
    assert ports.is_free(lately)
    with pytest.raises(OSError, match="Address already in use"):
        ports.bind_shared(lately)
    assert ports.pick() == other


def test_a_picked_port_can_be_held_for_workers_to_share() -> None:
    with ports.reserve(0) as held, ports.bind_shared(held.getsockname()[1]) as shared:
        assert shared.getsockname() == held.getsockname()
