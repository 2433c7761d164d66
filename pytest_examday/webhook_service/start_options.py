"""The options of one start of the service."""

from dataclasses import dataclass
from pathlib import Path

from pytest_examday.webhook_service.settings import DEFAULT_PARTS


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one start. `port` 0 picks a free port; `watch_pid` None watches no process.

    The service stops when the process `watch_pid` is gone; with `discard` it then also removes its directory.
    """

    directory: Path
    workers: int = 2
    schedulers: int = 1
    port: int = 0
    companies: int = 8
    rate_limit: int = 300
    parts: str = DEFAULT_PARTS
    watch_pid: int | None = None
    discard: bool = False
