"""Chooses TCP ports that no other process takes while a service is stopped."""

import random
import socket
from pathlib import Path

from pytest_examday.local_servers.local_server_error import LocalServerError

HOST = "127.0.0.1"
_RANGE_FILE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 10_000


def _first_ephemeral() -> int:
    try:
        return int(_RANGE_FILE.read_text(encoding="utf-8").split()[0])
    except (OSError, ValueError):
        return 32_768


def is_free(port: int) -> bool:
    """Whether no process holds ``port`` on the loopback address; connections in TIME_WAIT do not count."""
    return _binds(port, socket.SO_REUSEADDR)


def _binds(port: int, *options: int) -> bool:
    with socket.socket() as probe:
        for option in options:
            probe.setsockopt(socket.SOL_SOCKET, option, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def pick() -> int:
    """A free port below the ephemeral range on which no connection is in TIME_WAIT, as a shared socket requires.

    An outgoing connection could take an ephemeral port while its service is stopped in a drill, and a client that
    retries a stopped service could even connect to itself.
    """
    highest = max(_first_ephemeral(), _LOWEST + 2_000) - 1
    for _ in range(200):
        port = random.SystemRandom().randint(_LOWEST, highest)
        if _binds(port):
            return port
    raise LocalServerError("no free TCP port was found")


def bind_shared(port: int) -> socket.socket:
    """A socket that is bound to ``port`` and does not listen; several worker processes may bind to the same
    port."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        held.bind((HOST, port))
    except OSError:
        held.close()
        raise
    return held


def reserve(port: int) -> socket.socket:
    """Hold the API's port while the supervisor lives; 0 picks one. Raises LocalServerError if the port is taken or not
    allowed."""
    chosen = port or pick()
    if not is_free(chosen):
        raise LocalServerError(f"port {chosen} on {HOST} is already in use or not allowed")
    try:
        return bind_shared(chosen)
    except OSError as error:
        raise LocalServerError(f"port {chosen} on {HOST} cannot be used: {error.strerror}") from error
