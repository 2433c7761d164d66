"""Reads moments and spans of time from replies."""

from pytest_examday.contract.numbers_and_moments import as_number
from pytest_examday.suites.exam.candidates.shown_exam import moment_in
from pytest_examday.target.api import Reply


def left_in(reply: Reply) -> float | None:
    """The seconds left in the reply; None if it holds no number for them."""
    return as_number(reply.find("remaining"))


def end_in(reply: Reply) -> float | None:
    """The end of the exam in the reply, in seconds since the epoch; None if it holds none, or one without a time
    zone."""
    return moment_in(reply.find("expires_at"))


def until_end(reply: Reply) -> float | None:
    """The seconds until the end of the exam by the reply: its time left, or its end minus the platform's own clock,
    whichever is smaller. None if it holds neither."""
    left, end = left_in(reply), end_in(reply)
    counted = None if end is None or reply.served_at is None else end - reply.served_at
    return min((seconds for seconds in (left, counted) if seconds is not None), default=None)
