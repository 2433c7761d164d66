"""The options of one start of the platform."""

from dataclasses import dataclass
from pathlib import Path

from pytest_examday.platform.settings import DEFAULT_APP


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one start. ``port`` 0 picks a free port; ``watch_pid`` None watches no process.

    The platform stops when the process ``watch_pid`` is gone; with ``discard`` it then also removes its directory,
    which nobody else would remove. ``links`` puts a TCP link in front of PostgreSQL and of Redis, ``proxy`` puts one in
    front of the workers; drills delay them.
    """

    directory: Path
    workers: int = 2
    port: int = 0
    exam_mode: bool = True
    candidates: int = 600
    questions: int = 60
    app: str = DEFAULT_APP
    access_token_seconds: int = 900
    session_minutes: int = 60
    pool_size: int = 8
    pool_max_overflow: int = 2
    watch_pid: int | None = None
    discard: bool = False
    links: bool = False
    proxy: bool = False
