"""Moments and spans of time as platforms tell them."""

from pytest_examday.contract.values import as_number
from pytest_examday.suites.exam.shown_exam import moment_in
from pytest_examday.target.api import Reply


def left_in(reply: Reply) -> float | None:
    """The seconds left that the reply tells; None if it tells no number."""
    return as_number(reply.find("remaining"))


def end_in(reply: Reply) -> float | None:
    """The end of the exam that the reply tells, in seconds since the epoch; None if it tells none, or one without a
    time zone."""
    return moment_in(reply.find("expires_at"))


def until_end(reply: Reply) -> float | None:
    """The seconds until the end of the exam: the time left that the reply tells, or the end that it tells less the
    platform's own clock, whichever is smaller. None if it tells neither."""
    left, end = left_in(reply), end_in(reply)
    counted = None if end is None or reply.served_at is None else end - reply.served_at
    return min((told for told in (left, counted) if told is not None), default=None)
