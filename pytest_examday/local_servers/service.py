"""A supervised service: one process that is started, stopped and killed on request."""

import asyncio
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from pytest_examday.local_servers.local_server_error import LocalServerError
from pytest_examday.local_servers.processes import (
    Command,
    family,
    kill_all,
    spawn,
)

_POLL_SECONDS = 0.02


class Service(ABC):
    """A service that is never restarted automatically: after its process ends, it stays down until it is started."""

    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    stop_seconds: ClassVar[float] = 10.0
    start_seconds: ClassVar[float] = 20.0

    def __init__(self, name: str) -> None:
        self.name = name
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """The id of the living process; None if there is none."""
        if self._process is None or self._process.poll() is not None:
            return None
        return self._process.pid

    @abstractmethod
    def command(self) -> Command:
        """The command that starts the process."""

    @abstractmethod
    async def is_ready(self, pid: int) -> bool:
        """Whether the process accepts connections."""

    def prepare(self) -> None:  # noqa: B027 (most services need nothing)
        """Create the files that the process needs; called before every start."""

    async def start(self) -> None:
        """Start the process; returns when it accepts connections. Raises LocalServerError if it ends or takes longer
        than `start_seconds`."""
        async with self._lock:
            if self.pid is None:
                self.prepare()
                self._process = spawn(self.command())
            await self._until_ready()

    async def stop(self) -> None:
        """Stop the process gracefully, and by SIGKILL if it does not end in time."""
        async with self._lock:
            if self._process is None or self.pid is None:
                return
            self._process.send_signal(self.stop_signal)
            if not await _until(lambda: self.pid is None, self.stop_seconds):
                self._kill_family()

    async def kill(self) -> None:
        """Send SIGKILL to the process and everything that it has started."""
        async with self._lock:
            self._kill_family()

    def _kill_family(self) -> None:
        if self._process is not None and self.pid is not None:
            kill_all(family(self._process.pid))
            self._process.wait()

    async def _until_ready(self) -> None:
        deadline = time.monotonic() + self.start_seconds
        while time.monotonic() < deadline:
            pid = self.pid
            if pid is None:
                raise LocalServerError(f"{self.name} ended while starting; see {self.command().log}")
            if await self.is_ready(pid):
                return
            await asyncio.sleep(_POLL_SECONDS)
        raise LocalServerError(f"{self.name} did not accept connections within {self.start_seconds:.0f} s")


async def _until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(_POLL_SECONDS)
    return True
