"""The time since the epoch on a clock that nobody sets: a measured wait, window or recovery has its true length, even
if the system's clock is corrected meanwhile."""

import time
from datetime import UTC, datetime

_OFFSETS = [time.time() - time.monotonic()]


def now() -> float:
    """Seconds since the epoch. It began with the time of the system's clock, as this process or the process that it
    agrees with read it."""
    return _OFFSETS[-1] + time.monotonic()


def now_utc() -> datetime:
    """The same moment as `now`, as date and time in UTC."""
    return datetime.fromtimestamp(now(), UTC)


def offset() -> float:
    """The offset that another process of this machine needs for `agree`."""
    return _OFFSETS[-1]


def agree(with_offset: float) -> None:
    """Let `now` give the same time as in the process that has this offset."""
    _OFFSETS[:] = [with_offset]
