"""Reads a log again and again while the platform may still write lines that are missing in it."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from pytest_examday.config.environment import Environment

T = TypeVar("T")
WRITTEN_SECONDS = 1.0
"""A line is written at most so long after its request ended: a log that lags by more cannot be relied on."""
_PAUSES_SECONDS = (1.0, 2.0, 5.0, 10.0, 12.0)
"""The pauses before each reading: a platform may write lines in blocks, and a log store receives them later still."""
_FILE_SECONDS = 8.0
"""How long a line is waited for in a file that has later lines."""
LONGEST_SECONDS = sum(_PAUSES_SECONDS)
"""How long a line is waited for in a log store, and in a log that is not yet written to its end."""


class Waited(NamedTuple, Generic[T]):
    """The last reading of a log, and the seconds that had passed when it began."""

    reading: T
    seconds: float


def read_until_written(
    environment: "Environment",
    read: Callable[[], T],
    *,
    complete: Callable[[T], bool],
    written: Callable[[T], bool],
) -> Waited[T]:
    """Read the log after one second, and again until `complete` says that nothing is missing: for 8 s in all, or for
    30 s if the log comes from a command, or if `written` says that it is not yet written to its end.

    Raises what `read` raises.
    """
    began, paused = time.monotonic(), 0.0
    for pause in _PAUSES_SECONDS:
        time.sleep(pause)
        paused = max(paused + pause, time.monotonic() - began)
        reading = read()
        longest = _FILE_SECONDS if environment.log_command is None and written(reading) else LONGEST_SECONDS
        if complete(reading) or paused >= longest:
            break
    return Waited(reading, paused)
