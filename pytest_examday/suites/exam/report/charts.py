"""The pictures of the HTML page. Each says in its title what it shows, and in words what its colours mean."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from markupsafe import Markup

from pytest_examday.evidence.figures import Window
from pytest_examday.evidence.integrity import Reconciliation
from pytest_examday.evidence.phases import DrillEvidence, LoadEvidence
from pytest_examday.report import svg
from pytest_examday.report.words import milliseconds, seconds
from pytest_examday.suites.exam.report.facts import drill_sentence, ledger_sentence
from pytest_examday.suites.exam.report.timeline import Slice

_WIDTH = 760
_LEFT, _RIGHT = 84, 740
_STEPS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3600)
_MOST_TICKS = 8


def latency(load: LoadEvidence, limit_ms: float) -> Markup | None:
    """p95 in each window of the load against the limit, the ramp shaded; None where no window has a p95."""
    points = [_Point.of(window, p95) for window in load.windows if (p95 := window.figures.p95_ms) is not None]
    if not points:
        return None
    began, ended = load.windows[0].started, load.windows[-1].ended
    slowest = max(points, key=lambda point: (not point.ramp, point.ms))
    most = max(limit_ms, *(point.ms for point in points))
    across = svg.scale(began, ended, _LEFT, _RIGHT)
    up = svg.scale(0, most * 1.15, 200, 20)
    title = (
        f"p95 of requests in each of {len(points)} windows, limit {milliseconds(limit_ms)}, "
        f"slowest after the ramp {milliseconds(slowest.ms)}"
    )
    parts = [
        *_ramp(load, across),
        *_levels(up, most),
        *_time_axis(across, began, ended, 200),
        svg.line(_LEFT, up(limit_ms), _RIGHT, up(limit_ms), svg.RED, "7 4"),
        svg.text(_RIGHT, up(limit_ms) - 6, f"limit {milliseconds(limit_ms)}", svg.RED, "end", "600"),
        svg.curve([(across(point.at), up(point.ms)) for point in points], svg.BLUE),
        _beside(across(slowest.at), up(slowest.ms) - 10, f"slowest: {milliseconds(slowest.ms)}", svg.BLUE),
    ]
    return svg.picture(_WIDTH, 228, title, parts)


def delivery(load: LoadEvidence) -> Markup | None:
    """Writes planned and begun in each window; None where the evidence does not tell them."""
    told = [window for window in load.windows if window.planned is not None and window.begun is not None]
    most = max((max(window.planned or 0, window.begun or 0) for window in told), default=0)
    if most == 0:
        return None
    began, ended = told[0].started, told[-1].ended
    across = svg.scale(began, ended, _LEFT, _RIGHT)
    up = svg.scale(0, most * 1.15, 200, 20)
    planned, begun = sum(window.planned or 0 for window in told), sum(window.begun or 0 for window in told)
    title = f"writes in each of {len(told)} windows: {planned} planned, {begun} begun"
    parts = [
        *_ramp(load, across),
        *_levels(up, most, ""),
        *_time_axis(across, began, ended, 200),
        *(_bar(window, window.planned or 0, across, up) for window in told),
        svg.curve([(across((window.started + window.ended) / 2), up(window.begun or 0)) for window in told], svg.BLUE),
        *_deadline(load, across, ended),
    ]
    return svg.picture(_WIDTH, 228, title, parts)


def _bar(window: Window, count: int, across: svg.Scale, up: svg.Scale) -> Markup:
    return svg.rectangle(across(window.started) + 1, up(count), across(window.ended) - 1, up(0), svg.LINE)


def _deadline(load: LoadEvidence, across: svg.Scale, ended: float) -> Iterable[Markup]:
    if load.schedule is not None and load.schedule.steady_until < load.schedule.deadline <= ended:
        at = across(load.schedule.deadline)
        yield svg.line(at, 20, at, 200, svg.RED, "5 3")
        yield svg.text(at - 6, 32, "deadline", svg.RED, "end", "600")


class _Point(NamedTuple):
    """One window: its middle, its p95, whether it belongs to the ramp."""

    at: float
    ms: float
    ramp: bool

    @classmethod
    def of(cls, window: Window, ms: float) -> "_Point":
        return cls((window.started + window.ended) / 2, ms, window.ramp)


def _ramp(load: LoadEvidence, across: svg.Scale) -> Iterable[Markup]:
    ramp = [window for window in load.windows if window.ramp]
    if ramp:
        yield svg.rectangle(across(ramp[0].started), 20, across(ramp[-1].ended), 200, svg.SHADE)
        yield svg.text(_LEFT + 6, 36, "ramp")


def _levels(up: svg.Scale, most: float, unit: str = " ms") -> Iterable[Markup]:
    for share in (0, 0.5, 1):
        level = most * share
        yield svg.line(_LEFT, up(level), _RIGHT, up(level), svg.LINE)
        yield svg.text(_LEFT - 8, up(level) + 4, f"{level:.0f}{unit}", anchor="end")


def _time_axis(across: svg.Scale, began: float, ended: float, bottom: float) -> Iterable[Markup]:
    """Round times only, at most eight of them."""
    yield svg.line(_LEFT, bottom, _RIGHT, bottom, svg.GREY)
    length = int(ended - began)
    step = next((step for step in _STEPS if length <= _MOST_TICKS * step), max(1, length))
    for at in range(0, length + 1, step):
        yield svg.line(across(began + at), bottom, across(began + at), bottom + 5, svg.GREY)
        yield svg.text(across(began + at), bottom + 19, f"{at} s", anchor="middle")


def _beside(x: float, y: float, words: str, colour: str) -> Markup:
    """A label that stays inside the picture."""
    anchor = "end" if x > (_LEFT + _RIGHT) / 2 else "start"
    return svg.text(x, y, words, colour, anchor, "600")


def drill(record: DrillEvidence, slices: Sequence[Slice]) -> Markup:
    """One drill: requests that succeeded upwards, failed ones downwards, the fault shaded."""
    began, ended = record.before.started, record.after.ended
    across = svg.scale(began, ended, _LEFT, _RIGHT)
    most = max((max(part.succeeded, part.failed) for part in slices), default=1) or 1
    high = svg.scale(0, most, 0, 62)
    middle = 112.0
    removed = record.during.ended
    parts = [
        svg.rectangle(across(record.injected), 28, across(removed), 184, svg.FAULT),
        svg.text((across(record.injected) + across(removed)) / 2, 22, "fault in", svg.RED, "middle", "600"),
        svg.text(across(began), 22, "before"),
        svg.text(across(ended), 22, "after", anchor="end"),
        *_bars(slices, across, high, middle),
        svg.line(_LEFT, middle, _RIGHT, middle, svg.GREY),
        svg.text(_LEFT - 8, middle - 30, "succeeded", svg.GREEN, "end"),
        svg.text(_LEFT - 8, middle + 40, "failed", svg.RED, "end"),
        *_time_axis(across, began, ended, 184),
        *_recovered(record, across),
    ]
    if not slices:
        parts.append(svg.text((_LEFT + _RIGHT) / 2, middle - 10, "no request by second is known", anchor="middle"))
    return svg.picture(_WIDTH, 212, drill_sentence(record), parts)


def _bars(slices: Sequence[Slice], across: svg.Scale, high: svg.Scale, middle: float) -> Iterable[Markup]:
    for part in slices:
        left, right = across(part.started) + 1, across(part.ended) - 1
        if part.succeeded:
            yield svg.rectangle(left, middle - high(part.succeeded), right, middle, svg.GREEN)
        if part.failed:
            yield svg.rectangle(left, middle, right, middle + high(part.failed), svg.RED)


def _recovered(record: DrillEvidence, across: svg.Scale) -> Iterable[Markup]:
    took = record.recovery_seconds
    if took is None:
        yield svg.text(_RIGHT, 42, "recovery was not seen", svg.RED, "end", "600")
        return
    at = across(min(record.removed + took, record.after.ended))
    yield svg.line(at, 28, at, 184, svg.BLUE, "5 3")
    side = (at - 6, "end") if at > _RIGHT - 190 else (at + 6, "start")
    yield svg.text(side[0], 42, f"recovered after {seconds(took)}", svg.BLUE, side[1], "600")


def answers(found: Reconciliation) -> Markup | None:
    """Every answer that was sent as one bar: kept, lost, changed, not read back, or never answered for."""
    unknown = found.unknown_kept + found.unknown_absent
    kinds: _Kinds = (
        ("kept", found.kept, svg.GREEN),
        ("lost", found.lost, svg.RED),
        ("changed", found.stale, "#8250df"),
        ("never got a reply", unknown, svg.AMBER),
    )
    if found.uncompared:
        kinds += (("could not be read back", found.uncompared, "#6e7781"),)
    total = sum(count for _, count, _ in kinds)
    if total == 0:
        return None
    return svg.picture(_WIDTH, 96, ledger_sentence(found), [*_stack(kinds, total), *_legend(kinds)])


_Kinds = tuple[tuple[str, int, str], ...]
_LEAST_WIDTH = 8
"""Pixels of the smallest part: one lost answer among a million must be seen."""


def _stack(kinds: _Kinds, total: int) -> Iterable[Markup]:
    shown = [(count, colour) for _, count, colour in kinds if count]
    room = _WIDTH - 16 - _LEAST_WIDTH * len(shown)
    left = 0.0
    for count, colour in shown:
        width = _LEAST_WIDTH + room * count / total
        yield svg.rectangle(left, 8, left + width - 2, 48, colour)
        left += width


def _legend(kinds: _Kinds) -> Iterable[Markup]:
    for number, (words, count, colour) in enumerate(kinds):
        left = number * (_WIDTH - 16) / len(kinds)
        yield svg.rectangle(left, 66, left + 12, 78, colour)
        yield svg.text(left + 18, 77, f"{count} {words}", svg.INK)
