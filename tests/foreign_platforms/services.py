"""Services of a platform, each a process that can be stopped, killed and started by itself."""

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg

HOST = "127.0.0.1"
ROOT = Path(__file__).parents[2]
_ENDS_WITH_PLATFORM = ["setpriv", "--pdeathsig", "KILL"]
_UP_SECONDS = 20.0
_DOWN_SECONDS = 10.0


@dataclass
class Service:
    """A process that listens on a port. It is up once `answers` raises no error."""

    name: str
    port: int
    log: Path
    command: list[str]
    answers: Callable[[int], Awaitable[object]]
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    inherited: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether its process runs."""
        return self.process is not None and self.process.poll() is None

    async def start(self) -> None:
        """Start it and wait until it is up. Raises RuntimeError if it ends or takes longer than 20 s."""
        if self.running:
            return
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: ASYNC220 (takes a moment, and nobody waits for anything else)
                [*_ENDS_WITH_PLATFORM, *self.command],
                env=self.environment,
                cwd="/",
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=self.inherited,
            )
        deadline = time.monotonic() + _UP_SECONDS
        while not await self._is_up():
            if not self.running or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} is not up; see {self.log}")
            await asyncio.sleep(0.03)

    async def stop(self) -> None:
        """End it in the ordinary way, or after 10 s by force."""
        if self.process is None or not self.running:
            return
        self.process.send_signal(self.stop_signal)
        try:
            await asyncio.to_thread(self.process.wait, _DOWN_SECONDS)
        except subprocess.TimeoutExpired:
            await self.kill()

    async def kill(self) -> None:
        """End it and its children at once."""
        if self.process is None or not self.running:
            return
        main = psutil.Process(self.process.pid)
        family = [*main.children(recursive=True), main]
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        await asyncio.to_thread(psutil.wait_procs, family, timeout=_DOWN_SECONDS)

    async def _is_up(self) -> bool:
        try:
            await self.answers(self.port)
        except (OSError, psycopg.OperationalError):
            return False
        return self.running


def worker(name: str, port: int, folder: Path, application: str, environment: Mapping[str, str]) -> Service:
    """A process that serves the ASGI application which the function `application` (`package.module:name`) makes."""
    command = [sys.executable, "-m", "uvicorn", "--factory", application, "--host", HOST, "--port", str(port)]
    options = ["--no-access-log", "--log-level", "warning", "--timeout-keep-alive", "75"]
    return Service(
        name,
        port,
        folder / f"{name}.log",
        [*command, *options, "--timeout-graceful-shutdown", "3"],
        listens,
        {"PYTHONPATH": str(ROOT), **environment},
    )


async def listens(port: int) -> None:
    """Raise OSError if nobody listens on the port."""
    _, writer = await asyncio.open_connection(HOST, port)
    writer.close()


def free_ports(count: int) -> list[int]:
    """Ports on which nobody listens."""
    sockets = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def package_file(package: str, path: str) -> Path:
    """A file of an installed package. Raises RuntimeError."""
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (Path(folder) / path).is_file():
            return Path(folder) / path
    raise RuntimeError(f"the package {package} has no {path}; install the extra `local`")
