"""What the supervisor was asked for."""

from dataclasses import dataclass
from pathlib import Path

from pytest_examday.platform.settings import DEFAULT_APP


@dataclass(frozen=True, slots=True)
class Options:
    """One start of the platform; ``port`` 0 picks a free one, ``watch_pid`` None watches nobody.

    ``discard`` removes the directory when the watched process is gone: then nobody is left who would. ``links`` puts a
    TCP link in front of PostgreSQL and of Redis, ``proxy`` one in front of the workers, which drills can make late.
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
