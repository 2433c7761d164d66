"""Phase 2: the error rate of each window of the load. The rates of the whole load and of its parts may hide errors of a
few seconds."""

from collections.abc import Iterable, Iterator, Sequence
from math import exp, lgamma, log
from typing import NamedTuple

from pytest_examday.core.findings import Findings
from pytest_examday.core.limit_words import PER_CENT, against, share
from pytest_examday.core.line import Line
from pytest_examday.core.measured import Measured
from pytest_examday.evidence.figures import ErrorCount, LoadPart, Window
from pytest_examday.suites.exam.evidence import LoadEvidence
from pytest_examday.suites.exam.gates import ERROR_RATE
from pytest_examday.suites.exam.lines.load.error_rate_of_parts import failing_operations, failing_parts

_REQUESTS = 100
"""The least number of requests of a stretch. Windows with fewer requests are joined with the next ones, the last
windows with those before them."""
_CHANCE = 0.001
"""A load has many stretches, and errors cluster. A stretch fails only if a platform whose rate is at the limit would
have so many errors in less than one of a thousand stretches."""


class _Stretch(NamedTuple):
    """A stretch: one window or several joined ones, with their times in seconds since the epoch and their requests."""

    started: float
    ended: float
    errors: int
    judged: int
    windows: int

    def joined(self, other: "_Stretch") -> "_Stretch":
        return _Stretch(
            self.started,
            other.ended,
            self.errors + other.errors,
            self.judged + other.judged,
            self.windows + other.windows,
        )

    def lies_in(self, parts: Iterable["LoadPart | _Stretch"]) -> bool:
        """Whether the stretch overlaps one of these parts."""
        return any(self.started < part.ended and part.started < self.ended for part in parts)


def _windows(measured: Measured, findings: Findings) -> None:
    """Each cause is reported once:

    * an operation that fails as a whole, or in a part of the exam, is not reported again for windows there;
    * stretches of all requests fail only if neither the whole load, nor their part, nor one operation in them fails."""
    load = measured.record("load", LoadEvidence)
    limit = measured.limits.error_rate
    made = list(stretches_of(load.windows))
    judged = sum(stretch.judged for stretch in made)
    findings.doubt_if(judged < _REQUESTS, f"{judged} requests are too few for a rate")
    findings.add_fact(_worst_in_words(made))
    reported: list[LoadPart | _Stretch] = list(failing_parts(load, limit))
    names = {name for window in load.windows for name in window.operations}
    for name in sorted(names - failing_operations(load, limit)):
        found = list(stretches_of(load.windows, name))
        reported += _note_failing(name, found, failing_parts(load, limit, name), load, limit, findings)
    if (load.overall.error_rate or 0.0) < limit:
        _note_failing("", made, reported, load, limit, findings)


def _note_failing(
    operation: str,
    found: list[_Stretch],
    reported: Sequence[LoadPart | _Stretch],
    load: LoadEvidence,
    limit: float,
    findings: Findings,
) -> list[_Stretch]:
    """Note the failing stretches that lie in no part that is already reported; returns them."""
    failing = [stretch for stretch in found if _fails(stretch, limit) and not stretch.lies_in(reported)]
    for stretch in failing:
        findings.fail(_words(operation, stretch, limit, load.windows[0].started))
    return failing


def _words(operation: str, stretch: _Stretch, limit: float, begun: float) -> str:
    what = f"{operation} requests" if operation else "requests"
    rate = against(stretch.errors / stretch.judged, limit, PER_CENT)
    when = f"{stretch.started - begun:.0f} to {stretch.ended - begun:.0f} s after the beginning"
    return f"{stretch.errors} of {stretch.judged} {what} failed ({rate}), {when}"


def _worst_in_words(made: list[_Stretch]) -> str:
    worst = max(made, key=lambda stretch: stretch.errors / stretch.judged if stretch.judged else 0.0, default=None)
    if worst is None:
        return "no stretches"
    joined = sum(stretch.windows for stretch in made if stretch.windows > 1)
    joints = f"; {joined} windows of fewer than {_REQUESTS} requests were joined with others" if joined else ""
    return f"at worst {worst.errors} of {worst.judged} requests failed in one of {len(made)} stretches{joints}"


def stretches_of(windows: Iterable[Window], operation: str | None = None) -> Iterator[_Stretch]:
    """The windows of the load, those of the ramp too, joined to stretches with enough requests of this operation, or of
    all operations. If the whole load has fewer requests, it is one stretch."""
    whole: _Stretch | None = None
    rest: _Stretch | None = None
    for stretch in (_stretch(window, operation) for window in windows):
        rest = stretch if rest is None else rest.joined(stretch)
        if rest.judged < _REQUESTS:
            continue
        if whole is not None:
            yield whole
        whole, rest = rest, None
    last = rest if whole is None else whole if rest is None else whole.joined(rest)
    if last is not None:
        yield last


def _stretch(window: Window, operation: str | None) -> _Stretch:
    of_all = ErrorCount(judged=window.figures.judged, errors=window.figures.errors)
    ended = of_all if operation is None else window.operations.get(operation, ErrorCount(judged=0, errors=0))
    return _Stretch(window.started, window.ended, ended.errors, ended.judged, 1)


def _fails(stretch: _Stretch, limit: float) -> bool:
    """Whether the share of errors reaches the limit, and chance alone does not explain it."""
    enough = stretch.judged >= _REQUESTS and stretch.errors / stretch.judged >= limit
    return enough and chance_of(stretch.errors, stretch.judged, limit) < _CHANCE


def chance_of(errors: int, judged: int, rate: float) -> float:
    """The chance (0 to 1) of at least so many errors among so many requests, if each fails with this chance."""
    if errors == 0:
        return 1.0
    fewer = (
        exp(_log_ways(judged, count) + count * log(rate) + (judged - count) * log(1 - rate)) for count in range(errors)
    )
    return max(0.0, 1 - sum(fewer))


def _log_ways(judged: int, count: int) -> float:
    return lgamma(judged + 1) - lgamma(count + 1) - lgamma(judged - count + 1)


LINES: tuple[Line, ...] = (
    Line(
        "error-rate-of-each-window",
        lambda limits: f"The error rate of every {_REQUESTS} requests in a row stays below {share(limits.error_rate)}",
        2,
        ("load",),
        _windows,
        (ERROR_RATE,),
        reason_of_gate=False,
    ),
)
