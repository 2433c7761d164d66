"""A TCP link as a service of the supervisor, and the function that sets its delay."""

import json
import os
import socket
import sys
from pathlib import Path

from pytest_examday.local_servers.processes import Command
from pytest_examday.local_servers.service import Service

_REPLY_SECONDS = 5.0


class LinkService(Service):
    """A link in front of a service: callers connect to `port` and reach the service on the port `target`."""

    def __init__(self, name: str, port: int, target: int, control: Path, log: Path) -> None:
        super().__init__(name)
        self.port = port
        self.control = control
        self._target = target
        self._log = log

    def command(self) -> Command:
        """The link runs as a process of its own, so that it can be stopped and killed like any service."""
        options = ["--listen", str(self.port), "--to", str(self._target), "--control", str(self.control)]
        return Command(
            argv=[sys.executable, "-m", "pytest_examday.local_servers.link", *options],
            environment=dict(os.environ),
            log=self._log,
        )

    def prepare(self) -> None:
        """Remove the control socket that a killed link has left; a new one could not be created beside it."""
        self.control.unlink(missing_ok=True)

    async def is_ready(self, pid: int) -> bool:
        """Whether the control socket exists: the link opens it last."""
        return self.control.exists()


def ask_link(control: str, **delay: int) -> dict[str, int]:
    """Set the delay of a link (`delay_ms`, `jitter_ms`), or only read it if neither is given; returns the delay that
    is set.

    Raises OSError if the link does not reply.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_REPLY_SECONDS)
        connection.connect(control)
        connection.sendall(json.dumps(delay).encode() + b"\n")
        with connection.makefile("rb") as stream:
            line = stream.readline()
    if not line:
        raise OSError("the link did not answer")
    answer: dict[str, int] = json.loads(line)
    return answer
