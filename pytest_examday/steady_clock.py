"""The time since the epoch on a clock that nobody sets: a wait, a window or a recovery that is measured with it is as
long as it was, also if the system's clock is corrected meanwhile."""

import time
from datetime import UTC, datetime

_OFFSETS = [time.time() - time.monotonic()]


def now() -> float:
    """Seconds since the epoch. It goes on from the system's clock as this process, or the one that it agrees with,
    found it."""
    return _OFFSETS[-1] + time.monotonic()


def today() -> datetime:
    """The same moment as `now`, as a date in UTC."""
    return datetime.fromtimestamp(now(), UTC)


def offset() -> float:
    """What another process of this machine needs to `agree`."""
    return _OFFSETS[-1]


def agree(with_offset: float) -> None:
    """Tell the same time as the process that has this offset."""
    _OFFSETS[:] = [with_offset]
