"""Keeps the log-ins of all processes of a run below the number in a second that an environment declares."""

import asyncio
import fcntl
import math
import os
import time
from pathlib import Path

from pytest_examday.record import Record

_APART = 1.05
"""Log-ins are so many times further apart than the limit requires. So a log-in that is a little late and the next one
are not counted in the same second or minute."""


class LoginPace(Record):
    """At most `per_second` log-ins a second. All processes of the run read from `file`, in the run directory, when the
    next log-in may be sent."""

    file: Path
    per_second: float

    def seconds_for(self, logins: int) -> float:
        """How long so many log-ins take, in seconds."""
        return logins * _APART / self.per_second

    def wait_for_turn(self, longest: float = math.inf) -> float:
        """Sleep until a log-in may be sent; returns the seconds that this takes. If it would take longer than
        `longest`, it does not sleep, and nothing may be sent."""
        seconds = self._reserve(longest)
        time.sleep(seconds if seconds <= longest else 0.0)
        return seconds

    async def wait_for_turn_async(self) -> float:
        """As `wait_for_turn`, for an actor of a load."""
        seconds = self._reserve()
        await asyncio.sleep(seconds)
        return seconds

    def _reserve(self, longest: float = math.inf) -> float:
        """Take the next moment that is free, unless it is more than `longest` seconds away; returns the seconds until
        then.

        Moments are those of the monotonic clock, which all processes of a machine share.
        """
        with os.fdopen(os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            now = time.monotonic()
            moment = max(now, float(file.read() or 0.0))
            if moment - now <= longest:
                file.seek(0)
                file.truncate()
                file.write(repr(moment + self.seconds_for(1)))
        return moment - now
