"""Moments and spans of time as platforms tell them."""

from datetime import datetime

from pytest_examday.contract.values import LARGEST_SECONDS, as_number
from pytest_examday.target.api import Reply


def left_in(reply: Reply) -> float | None:
    """The seconds left that the reply tells; None where it tells no number."""
    return as_number(reply.find("remaining"))


def end_in(reply: Reply) -> float | None:
    """The end of the exam that the reply tells, in seconds since the epoch; None where it tells none, or one without a
    time zone."""
    told = reply.find("expires_at")
    number = as_number(told)
    if number is not None:
        return number / 1000 if number > LARGEST_SECONDS else number
    try:
        moment = datetime.fromisoformat(str(told))
        return moment.timestamp() if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def until_end(reply: Reply) -> float | None:
    """The seconds until the end of the exam: the time left that the reply tells, or the end that it tells less the
    platform's own clock, whichever is smaller. None where it tells neither."""
    left, end = left_in(reply), end_in(reply)
    counted = None if end is None or reply.served_at is None else end - reply.served_at
    return min((told for told in (left, counted) if told is not None), default=None)
