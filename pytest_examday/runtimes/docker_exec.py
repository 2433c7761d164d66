"""Runs a command inside a container, with a limit to the time of the whole command."""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.base import CommandResult
from pytest_examday.runtimes.docker_engine import one_line_errors

if TYPE_CHECKING:
    from docker.models.containers import Container

_SECONDS = 60.0
_MOST_BYTES = 16 * 1024 * 1024
"""The most bytes of output that are kept; of a longer output its end is kept."""
_HEAD_BYTES, _SIZE_AT = 8, 4
"""The engine puts a head before each piece of the output; from byte 4 on it holds the size of the piece."""
_PIECE_BYTES = 64 * 1024


def execute(
    container: "Container",
    command: list[str],
    *,
    privileged: bool = False,
    variables: Mapping[str, str] | None = None,
    seconds: float = _SECONDS,
) -> CommandResult:
    """Run a command inside the container, with these environment variables besides its own; with `privileged`, as root
    with all capabilities.

    Raises Unmeasurable if the command has not ended after `seconds`, however often it writes something. It then goes on
    in the container: the engine offers no way to end it.
    """
    what = f"{command[0]} in {container.name}"
    api: Any = container.client.api  # type: ignore[union-attr] # the engine that gave the container
    deadline = time.monotonic() + seconds
    with one_line_errors(what):
        created = api.exec_create(
            container.id,
            command,
            privileged=privileged,
            user="root" if privileged else "",
            environment=dict(variables or {}),
        )
        stream = api.exec_start(created["Id"], socket=True)
        try:
            output = _output(getattr(stream, "_sock", stream), deadline)
        except TimeoutError:
            raise Unmeasurable(f"{what} was not done within {seconds:g} s") from None
        finally:
            getattr(stream, "_response", stream).close()  # the client keeps the reply with the stream
        exit_status = api.exec_inspect(created["Id"])["ExitCode"]
    return CommandResult(int(exit_status or 0), output.decode(errors="replace").strip("\n"))


def _output(socket: Any, deadline: float) -> bytes:
    """All that the command writes until it ends. Raises TimeoutError at the deadline."""
    output = bytearray()
    while len(head := _read(socket, _HEAD_BYTES, deadline)) == _HEAD_BYTES:
        bytes_left = int.from_bytes(head[_SIZE_AT:], "big")
        while bytes_left and (piece := _read(socket, min(bytes_left, _PIECE_BYTES), deadline)):
            output += piece
            bytes_left -= len(piece)
        del output[:-_MOST_BYTES]
    return bytes(output)


def _read(socket: Any, size: int, deadline: float) -> bytes:
    """`size` bytes, or fewer if the stream ends."""
    read = b""
    while len(read) < size:
        socket.settimeout(max(0.001, deadline - time.monotonic()))
        piece = socket.recv(size - len(read))
        if not piece:
            break
        read += piece
    return read
