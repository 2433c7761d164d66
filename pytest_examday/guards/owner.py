"""Who holds a lock or put a fault in: a process of some user on some host."""

import getpass
import os
import socket
import time
from datetime import UTC, datetime
from typing import Self

import psutil

from pytest_examday.record import Record

_SAME_START_SECONDS = 30.0
"""Two readings of one start differ by what the clock was corrected in between."""


class Owner(Record):
    """A process as another one can find it again; times are seconds since the epoch.

    `config` is the configuration file, None where there is none; `directory` the run directory, None before it is made.
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
        """The owner that is the process `pid` of this host, since now."""
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
        """Whether it is a process of this host, so that its end can be seen from here."""
        return self.host == socket.gethostname()

    @property
    def alive(self) -> bool:
        """Whether the process runs; to be asked only of one that is `here`."""
        return is_alive(self.pid, self.started)

    def __str__(self) -> str:
        began = datetime.fromtimestamp(self.since, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        return f"{self.user}@{self.host}, pid {self.pid}, since {began} ({age(self.since)})"


def is_alive(pid: int, started: float) -> bool:
    """Whether the process that began at that time runs; a zombie and a later process of the same id do not count."""
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - started) < _SAME_START_SECONDS
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def user() -> str:
    """The login name, its number where it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def age(since: float) -> str:
    """How long ago, in words."""
    seconds = max(0.0, time.time() - since)
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {unit}{'s' if number > 1 else ''}"
    return f"{seconds:.0f} s"
