"""The owner of a lock or a fault: a process of a user on a host."""

import getpass
import os
import socket
import time
from datetime import UTC, datetime
from typing import Self

import psutil

from pytest_examday.record import Record

_SAME_START_SECONDS = 30.0
"""Two readings of the start time of one process differ if the system clock was corrected between them."""


class Owner(Record):
    """A process, described so that another process can find it again. `started` and `since` are seconds since the
    epoch.

    `started` is the start of the process, `since` the moment at which it became the owner. `config` is the
    configuration file, None if there is none. `directory` is the run directory, None before it is made.
    """

    user: str
    host: str
    pid: int
    started: float
    since: float
    environment: str
    config: str | None = None
    directory: str | None = None

    @classmethod
    def of(cls, pid: int, environment: str, config: str | None = None, directory: str | None = None) -> Self:
        """The process `pid` of this host as an owner from this moment on."""
        return cls(
            user=user(),
            host=socket.gethostname(),
            pid=pid,
            started=psutil.Process(pid).create_time(),
            since=time.time(),
            environment=environment,
            config=config,
            directory=directory,
        )

    @property
    def here(self) -> bool:
        """Whether the process belongs to this host, so that `alive` can be asked."""
        return self.host == socket.gethostname()

    @property
    def alive(self) -> bool:
        """Whether the process runs; only valid if `here` is true."""
        return is_alive(self.pid, self.started)

    def __str__(self) -> str:
        began = datetime.fromtimestamp(self.since, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        return f"{self.user}@{self.host}, pid {self.pid}, since {began} ({time_since(self.since)})"


def is_alive(pid: int, started: float) -> bool:
    """Whether the process `pid` that started at `started` (seconds since the epoch) still runs. A zombie does not, and
    neither counts a later process with the same id."""
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - started) < _SAME_START_SECONDS
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def user() -> str:
    """The login name of this process's user, or the user's number if there is no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def time_since(since: float) -> str:
    """The time since `since` (seconds since the epoch) in words, for instance `14 minutes`."""
    seconds = max(0.0, time.time() - since)
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {unit}{'s' if number > 1 else ''}"
    return f"{seconds:.0f} s"
