"""The requests in a log, and why a request that is missing there may accuse nobody: the log does not reach to its
time."""

import math
from dataclasses import dataclass
from typing import Literal

from pytest_examday.observe.log_waiting import WRITTEN_SECONDS
from pytest_examday.observe.logged_requests import LoggedRequests


@dataclass(frozen=True)
class RequestsInLog:
    """The requests in the log, and the time that the log is known to cover (seconds since the epoch).

    The first lines of a log that was cut are not in the order in which their requests ended, nor are the last lines of
    one that is still written. So this time begins later than the log, and ends earlier than an unfinished one.
    """

    found: LoggedRequests
    begins: float
    ends: float

    @classmethod
    def of(cls, found: LoggedRequests, first: float | None, last: float | None) -> "RequestsInLog":
        """The requests of a log that was cut before the moment `first`, and that may still get lines from after the
        moment `last`; None: it reaches back, or on, without an end."""
        return cls(
            found,
            -math.inf if first is None else first + WRITTEN_SECONDS,
            math.inf if last is None else last - WRITTEN_SECONDS,
        )

    def lacks(self, request_id: str, ended: float) -> bool:
        """Whether the log has no line of the request although it reaches to the time at which the request ended."""
        return request_id not in self.found.statuses and self.begins <= ended <= self.ends

    def outside(self, request_id: str, ended: float) -> Literal["before", "after"] | None:
        """Whether a request that has no line in the log ended before or after the time of the log; None for others."""
        if request_id in self.found.statuses:
            return None
        return "before" if ended < self.begins else "after" if ended > self.ends else None
