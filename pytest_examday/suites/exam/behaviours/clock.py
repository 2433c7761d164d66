"""The clock of an exam: it runs, it agrees with the end of the exam, and every worker tells the same."""

import time
from collections.abc import Sequence
from typing import NamedTuple

from pytest_examday.contract.operations import Contract
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.behaviours.behaviour import Behaviour
from pytest_examday.suites.exam.behaviours.moments import end_in, left_in
from pytest_examday.suites.exam.behaviours.replies import shows_something
from pytest_examday.suites.exam.behaviours.shown import Shown, worst
from pytest_examday.suites.exam.behaviours.trier import Trier
from pytest_examday.suites.exam.probe_candidate import ProbeCandidate
from pytest_examday.target.api import Reply

_WATCH_SECONDS, _TOLERANCE_SECONDS = 1.5, 0.3
_WATCH_WHOLE_SECONDS, _WHOLE_SECONDS_TOLERANCE = 2.5, 1.0
"""Where all readings are whole numbers each may be off by up to a second, all in the same direction."""
_END_TOLERANCE_SECONDS = 5.0
"""Between the end that is told and the time left: the header `Date` of an answer has whole seconds and may be made once
a second, and the time left may have whole seconds too."""
_SAME_END_SECONDS = 1.0
"""A platform may compute the end anew for each answer."""


class _Reading(NamedTuple):
    """The time left, told by an answer that was sent and came at these moments (monotonic seconds)."""

    sent: float
    came: float
    left: float
    reply: Reply

    @property
    def latest_end(self) -> float:
        """The end of the exam by this reading, if it was taken just before the answer came."""
        return self.came + self.left

    @property
    def earliest_end(self) -> float:
        """The end of the exam by this reading, if it was taken when the request was sent."""
        return self.sent + self.left


def _clock(trier: Trier) -> Shown:
    with trier.exam() as candidate:
        readings = _readings(trier, candidate)
        if (over := next((one for one in readings if one.left <= 0), None)) is not None:
            return Shown(False, f"an exam that was just opened has {over.left:g} s left")
        time.sleep(_WATCH_WHOLE_SECONDS if _whole(readings) else _WATCH_SECONDS)
        readings += _readings(trier, candidate)
        return worst(_agreement(readings), _pace(readings), _same_end([one.reply for one in readings]))


def _readings(trier: Trier, candidate: ProbeCandidate) -> list[_Reading]:
    """What every worker tells. Raises Unmeasurable where one of them tells no time left."""
    made: list[tuple[float, float, Reply]] = []

    def read() -> Reply:
        sent = time.monotonic()
        reply = candidate.read()
        made.append((sent, time.monotonic(), reply))
        return reply

    trier.everywhere(read)
    good = [(sent, came, reply) for sent, came, reply in made if reply.accepted and shows_something(reply)]
    if not good:
        raise Unmeasurable(f"the exam could not be read: {made[-1][2]}")
    return [_Reading(sent, came, _left(reply), reply) for sent, came, reply in good]


def _left(reply: Reply) -> float:
    left = left_in(reply)
    if left is None:
        raise Unmeasurable(f"the time left is no number: {reply.find('remaining')!r}")
    return left


def _whole(readings: Sequence[_Reading]) -> bool:
    return all(one.left == int(one.left) for one in readings)


def _pace(readings: Sequence[_Reading]) -> Shown:
    """Show whether all readings can be right together. A clock that stands, is slow or differs between workers moves
    the end of the exam."""
    tolerance = _WHOLE_SECONDS_TOLERANCE if _whole(readings) else _TOLERANCE_SECONDS
    first, last = min(readings, key=_latest_end), max(readings, key=_earliest_end)
    moved = last.earliest_end - first.latest_end
    if moved > tolerance:
        earlier, later = sorted((first, last), key=_sent)
        passed = later.sent - earlier.sent
        fell = earlier.left - later.left
        return Shown(False, f"the time left fell from {earlier.left:g} s by {fell:.2f} s in {passed:.2f} s")
    earlier, later = readings[0], readings[-1]
    told = f"the time left fell from {earlier.left:g} s by {earlier.left - later.left:.2f} s"
    return Shown(True, f"{told} in {later.sent - earlier.sent:.2f} s")


def _latest_end(reading: _Reading) -> float:
    return reading.latest_end


def _earliest_end(reading: _Reading) -> float:
    return reading.earliest_end


def _sent(reading: _Reading) -> float:
    return reading.sent


def _same_end(told: Sequence[Reply]) -> Shown:
    ends = [end for reply in told if (end := end_in(reply)) is not None]
    if not ends:
        return Shown(True, "no end of the exam is told")
    if max(ends) - min(ends) > _SAME_END_SECONDS:
        texts = sorted({str(reply.find("expires_at")) for reply in told})
        return Shown(False, f"reloads tell different ends of one exam: {', '.join(texts)}")
    return Shown(True, f"{len(ends)} reloads told the same end")


def _agreement(readings: Sequence[_Reading]) -> Shown:
    """Show whether the end of the exam and the time left agree, by the platform's own clock."""
    for one in readings:
        end, served = end_in(one.reply), one.reply.served_at
        if end is None or served is None:
            continue
        until_end = end - served
        if abs(until_end - one.left) > _END_TOLERANCE_SECONDS + (one.came - one.sent):
            told = f"the exam ends in {until_end:.0f} s by the platform's clock, and {one.left:.0f} s are shown"
            return Shown(False, told)
    return Shown(True, "the end of the exam and the time left agree, as far as the platform tells them")


def _no_time_left(contract: Contract) -> str | None:
    return None if "remaining" in contract.read.finds else "the contract does not say where `read` shows the time left"


BEHAVIOURS = (Behaviour("timer-behaves-correctly", "Timer behaves correctly", "exam-rules", _clock, _no_time_left),)
"""The words are those of seed 000, phase 5."""
