"""The clock of an exam: it runs, it agrees with the end of the exam, and it is the same at every worker."""

import time
from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.gates import EXAM_RULES
from pytest_examday.suites.exam.rules.rule import Rule, needs_found
from pytest_examday.suites.exam.rules.trials.judge_replies import shows_something
from pytest_examday.suites.exam.rules.trials.send_calls import give_answer, require_accepted
from pytest_examday.suites.exam.rules.trials.times_in_replies import end_in, left_in
from pytest_examday.suites.exam.rules.trials.trial_result import TrialResult, worst_trial_result
from pytest_examday.suites.exam.rules.trials.trial_setup import TrialSetup
from pytest_examday.target.api import Reply

_WATCH_EXACT_SECONDS, _WATCH_WHOLE_SECONDS, _WATCH_WHOLE_MINUTES_SECONDS = 1.5, 2.5, 65.0
"""How long the clock is watched: the time left may be given exactly, in whole seconds or in whole minutes."""
_TOLERANCE_SECONDS, _PAUSE_SECONDS = 0.3, 1.0
_ANSWERS = 3
_GRANULARITIES = (60.0, 1.0)
"""The granularity of the time left in seconds, if it is given in whole minutes or seconds. Each reading may be off by
so much, all in the same direction."""
_END_TOLERANCE_SECONDS = 5.0
"""The end that is given and the time left may differ by so much: the header `Date` of a reply has whole seconds and may
be made once a second, and the time left may have whole seconds too."""
_SAME_END_SECONDS = 1.0
"""Two ends may differ by so much, because a platform may compute the end anew for each reply."""


_SAME_LENGTH_SECONDS = 60.0
"""The lengths of two exams that differ by no more are equal: a platform may round the time left to whole minutes."""


class _ClockReading(NamedTuple):
    """The time left in one reply, with the moments at which the request was sent and the reply came (monotonic
    seconds). `came_at` is when the reply came by this machine's clock, in seconds since the epoch."""

    sent: float
    came: float
    came_at: float
    left: float
    reply: Reply

    @property
    def latest_end(self) -> float:
        """The end of the exam by this reading, if it was taken just before the reply came."""
        return self.came + self.left

    @property
    def earliest_end(self) -> float:
        """The end of the exam by this reading, if it was taken when the request was sent."""
        return self.sent + self.left


def _clock(setup: TrialSetup) -> TrialResult:
    """Read the time left, answer some questions, let time pass, and read again: answers take no time off the exam."""
    with setup.candidate_in_exam() as candidate:
        opened = _at_the_start(candidate)
        readings = _readings(setup, candidate)
        if (over := next((reading for reading in readings if reading.left <= 0), None)) is not None:
            return TrialResult(False, f"an exam that was just opened has {over.left:g} s left")
        for number in range(_ANSWERS):
            give_answer(candidate, number)
        _watch(candidate, readings[-1], _granularity(readings))
        readings += _readings(setup, candidate)
        return worst_trial_result(
            _agreement(readings),
            _pace(readings),
            _same_end([reading.reply for reading in readings]),
            _same(opened, readings[0]),
        )


def _watch(candidate: ProbeCandidate, last: _ClockReading, granularity: float) -> None:
    """Let time pass. If the time left is given in whole minutes, it is read until it changes, for 65 s at the
    longest."""
    if granularity != _GRANULARITIES[0]:
        time.sleep(_WATCH_WHOLE_SECONDS if granularity else _WATCH_EXACT_SECONDS)
        return
    until = time.monotonic() + _WATCH_WHOLE_MINUTES_SECONDS
    while left_in(candidate.read()) == last.left and time.monotonic() < until:
        time.sleep(_PAUSE_SECONDS)


def _at_the_start(candidate: ProbeCandidate) -> _ClockReading | None:
    """The time left in the reply to the start of the exam, as if that reply had come just now; None if it has none."""
    left = None if candidate.opened is None else left_in(candidate.opened)
    if candidate.opened is None or left is None:
        return None
    now = time.monotonic()
    return _ClockReading(now, now, time.time(), left, candidate.opened)


def _same(opened: _ClockReading | None, read: _ClockReading) -> TrialResult:
    """Whether the start and the first reload give the same time left."""
    if opened is None:
        return TrialResult(True, "the start shows no time left")
    apart = abs(opened.left - read.left) - (read.came - opened.sent)
    if apart > _END_TOLERANCE_SECONDS + _granularity([opened, read]):
        return TrialResult(
            False, f"the start showed {opened.left:.0f} s left, and a reload just after it {read.left:.0f} s"
        )
    return TrialResult(True, "the start and a reload show the same time left")


def _length(setup: TrialSetup) -> TrialResult:
    """Open an exam for each try: whichever worker opens it, it lasts as long as others, or ends when they end."""
    lengths, ends = [], []
    for _ in range(setup.tries):
        with setup.candidate_in_exam() as candidate:
            started = time.monotonic()
            left = _left(require_accepted(candidate.read, "the exam could not be read"))
            lengths.append(left)
            ends.append(started + left)
    if min(max(lengths) - min(lengths), max(ends) - min(ends)) > _SAME_LENGTH_SECONDS:
        return TrialResult(
            False, f"exams opened one after the other last between {min(lengths):g} s and {max(lengths):g} s"
        )
    return TrialResult(True, f"{len(ends)} exams last for {lengths[0]:g} s, or end at the same moment")


def _readings(setup: TrialSetup, candidate: ProbeCandidate) -> list[_ClockReading]:
    """A reading from every worker. Raises Unmeasurable if one of them gives no time left."""
    timed_replies: list[tuple[float, float, float, Reply]] = []

    def read() -> Reply:
        sent = time.monotonic()
        reply = candidate.read()
        timed_replies.append((sent, time.monotonic(), time.time(), reply))
        return reply

    setup.on_every_worker(read)
    good = [reading for reading in timed_replies if reading[-1].accepted and shows_something(reading[-1])]
    if not good:
        raise Unmeasurable(f"the exam could not be read: {timed_replies[-1][-1]}")
    return [_ClockReading(sent, came, at, _left(reply), reply) for sent, came, at, reply in good]


def _left(reply: Reply) -> float:
    left = left_in(reply)
    if left is None:
        raise Unmeasurable(f"the time left is no number: {reply.find('remaining')!r}")
    return left


def _granularity(readings: Sequence[_ClockReading]) -> float:
    """The granularity of the time left, in seconds: 60.0, 1.0, or 0.0 if it is given exactly."""
    return next(
        (seconds for seconds in _GRANULARITIES if all(reading.left % seconds == 0 for reading in readings)), 0.0
    )


def _pace(readings: Sequence[_ClockReading]) -> TrialResult:
    """Whether one end of the exam explains all readings. A clock that stands, is slow or differs between workers moves
    the end of the exam."""
    tolerance = _granularity(readings) or _TOLERANCE_SECONDS
    first, last = min(readings, key=attrgetter("latest_end")), max(readings, key=attrgetter("earliest_end"))
    moved = last.earliest_end - first.latest_end
    if moved > tolerance:
        earlier, later = sorted((first, last), key=attrgetter("sent"))
        passed = later.sent - earlier.sent
        fell = earlier.left - later.left
        return TrialResult(False, f"the time left fell from {earlier.left:g} s by {fell:.2f} s in {passed:.2f} s")
    earlier, later = readings[0], readings[-1]
    message = f"the time left fell from {earlier.left:g} s by {earlier.left - later.left:.2f} s"
    return TrialResult(True, f"{message} in {later.sent - earlier.sent:.2f} s")


def _same_end(replies: Sequence[Reply]) -> TrialResult:
    ends = [end for reply in replies if (end := end_in(reply)) is not None]
    if not ends:
        return TrialResult(True, "no end of the exam is shown")
    if max(ends) - min(ends) > _SAME_END_SECONDS:
        texts = sorted({str(reply.find("expires_at")) for reply in replies})
        return TrialResult(False, f"reloads show different ends of one exam: {', '.join(texts)}")
    return TrialResult(True, f"{len(ends)} reloads showed the same end")


def _agreement(readings: Sequence[_ClockReading]) -> TrialResult:
    """Whether the end of the exam and the time left agree, by the platform's own clock or by this machine's: the
    header `Date` may be a proxy's, whose clock ends no exam."""
    tolerance = _END_TOLERANCE_SECONDS + _granularity(readings)
    for reading in readings:
        end, served = end_in(reading.reply), reading.reply.served_at
        if end is None or served is None:
            continue
        far = [
            abs(end - now - reading.left) > tolerance + (reading.came - reading.sent)
            for now in (served, reading.came_at)
        ]
        if all(far):
            message = (
                f"the exam ends in {end - served:.0f} s by the platform's clock, and {reading.left:.0f} s are shown"
            )
            return TrialResult(False, message)
    return TrialResult(True, "the end of the exam and the time left agree, as far as the platform shows them")


_NEEDS_TIME_LEFT = needs_found("read", "remaining")

RULES = (
    # The words are those of source document 000, phase 5.
    Rule("timer-behaves-correctly", "Timer behaves correctly", EXAM_RULES, _clock, _NEEDS_TIME_LEFT),
    Rule(
        "exams-last-equally-long",
        "Whichever worker opens an exam, it lasts equally long",
        EXAM_RULES,
        _length,
        _NEEDS_TIME_LEFT,
    ),
)
