"""The clock of an exam: it runs, it agrees with the end of the exam, and every worker tells the same end."""

import time
from collections.abc import Sequence
from datetime import datetime

from pytest_examday.contract.operations import Contract
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.behaviours.behaviour import Behaviour
from pytest_examday.suites.exam.behaviours.shown import Shown
from pytest_examday.suites.exam.behaviours.trier import Trier, was_read, worst
from pytest_examday.target.api import Reply

_WATCH_SECONDS = 2.5
_PACE_TOLERANCE_SECONDS = 1.0
"""Between two readings 2.5 s apart: a clock in whole seconds may be one second off, one that stands is 2.5 s off."""
_END_TOLERANCE_SECONDS = 3.0
"""Between the end that is told and the time left: the header `Date` of an answer has whole seconds, and so may the time
left have."""


def _clock(trier: Trier) -> Shown:
    with trier.exam() as candidate:
        began = time.monotonic()
        first = was_read(candidate)
        left = _left(first)
        if left <= 0:
            return Shown(False, f"an exam that was just opened has {left:g} s left")
        time.sleep(_WATCH_SECONDS)
        second = was_read(candidate)
        fell, passed = left - _left(second), time.monotonic() - began
        told = f"the time left fell from {left:g} s by {fell:.2f} s in {passed:.2f} s"
        slack = _PACE_TOLERANCE_SECONDS + (first.ms + second.ms) / 1000
        pace = Shown(abs(fell - passed) <= slack, told)
        return worst(_agreement(first, left), pace, _same_end(trier.everywhere(candidate.read)))


def _left(reply: Reply) -> float:
    """The seconds that are left; raises Unmeasurable if they are no number."""
    told = reply.find("remaining")
    left = _number(told)
    if left is None:
        raise Unmeasurable(f"the time left is no number: {told!r}")
    return left


def _same_end(replies: Sequence[Reply]) -> Shown:
    ends = sorted({str(reply.find("expires_at")) for reply in replies if reply.accepted})
    if len(ends) > 1:
        return Shown(False, f"reloads tell different ends of one exam: {', '.join(ends)}")
    return Shown(True, f"{len(replies)} reloads told the same end")


def _agreement(reply: Reply, left: float) -> Shown:
    """Show whether the end of the exam and the time left agree, by the platform's own clock."""
    end = _moment(reply.find("expires_at"))
    if end is None or reply.served_at is None:
        return Shown(True, "the platform does not tell both the end of the exam and its own time")
    until_end = end - reply.served_at
    agree = abs(until_end - left) <= _END_TOLERANCE_SECONDS + reply.ms / 1000
    return Shown(agree, f"the exam ends in {until_end:.0f} s by the platform's clock, and {left:.0f} s are shown")


def _moment(value: object) -> float | None:
    """A moment in seconds since the epoch, of a number or an ISO 8601 text with a zone."""
    if (number := _number(value)) is not None:
        return number
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment.timestamp() if moment.tzinfo is not None else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(str(value))
    except ValueError:
        return None


def _no_time_left(contract: Contract) -> str | None:
    return None if "remaining" in contract.read.finds else "the contract does not say where `read` shows the time left"


BEHAVIOURS = (
    Behaviour("clock-runs-and-is-right", "The exam's clock runs and is right", "exam-rules", _clock, _no_time_left),
)
