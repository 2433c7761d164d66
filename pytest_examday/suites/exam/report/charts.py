"""The charts of an exam's report. Each has a title that says what it shows, and words for its colours."""

from collections.abc import Iterable
from typing import NamedTuple

from markupsafe import Markup

from pytest_examday.evidence.figures import Window
from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.report import svg
from pytest_examday.report.chart_parts import LEFT, RIGHT, WIDTH, Part, beside, divided_bar, levels, time_axis
from pytest_examday.report.figure_words import milliseconds
from pytest_examday.suites.exam.evidence import LoadEvidence
from pytest_examday.suites.exam.report.sentences import ledger_sentence


def latency(load: LoadEvidence, limit_ms: float) -> Markup | None:
    """p95 in each window of the load beside the limit, with the ramp shaded; None if no window has a p95."""
    points = [_Point.of(window, p95) for window in load.windows if (p95 := window.figures.p95_ms) is not None]
    if not points:
        return None
    began, ended = load.windows[0].started, load.windows[-1].ended
    slowest = max(points, key=lambda point: (not point.ramp, point.ms))
    most = max(limit_ms, *(point.ms for point in points))
    across = svg.scale(began, ended, LEFT, RIGHT)
    up = svg.scale(0, most * 1.15, 200, 20)
    title = (
        f"p95 of requests in each of {len(points)} windows, limit {milliseconds(limit_ms)}, "
        f"slowest after the ramp {milliseconds(slowest.ms)}"
    )
    parts = [
        *_ramp(load, across),
        *levels(up, most, " ms"),
        *time_axis(across, began, ended, 200),
        svg.line(LEFT, up(limit_ms), RIGHT, up(limit_ms), svg.RED, "7 4"),
        svg.text(RIGHT, up(limit_ms) - 6, f"limit {milliseconds(limit_ms)}", svg.RED, "end", "600"),
        svg.curve([(across(point.at), up(point.ms)) for point in points], svg.BLUE),
        beside(across(slowest.at), up(slowest.ms) - 10, f"slowest: {milliseconds(slowest.ms)}", svg.BLUE),
    ]
    return svg.picture(WIDTH, 228, title, parts)


def delivery(load: LoadEvidence) -> Markup | None:
    """Planned and begun writes in each window; None if the evidence does not have them."""
    windows = [window for window in load.windows if window.planned is not None and window.begun is not None]
    most = max((max(window.planned or 0, window.begun or 0) for window in windows), default=0)
    if most == 0:
        return None
    began, ended = windows[0].started, windows[-1].ended
    across = svg.scale(began, ended, LEFT, RIGHT)
    up = svg.scale(0, most * 1.15, 200, 20)
    planned, begun = sum(window.planned or 0 for window in windows), sum(window.begun or 0 for window in windows)
    title = f"writes in each of {len(windows)} windows: {planned} planned, {begun} begun"
    parts = [
        *_ramp(load, across),
        *levels(up, most, " writes"),
        *time_axis(across, began, ended, 200),
        *(_bar(window, window.planned or 0, across, up) for window in windows),
        svg.curve(
            [(across((window.started + window.ended) / 2), up(window.begun or 0)) for window in windows], svg.BLUE
        ),
        *_deadline(load, across, ended),
    ]
    return svg.picture(WIDTH, 228, title, parts)


def window_seconds(load: LoadEvidence) -> float:
    """The length of the longest window; the last one may be shorter."""
    return round(max(window.ended - window.started for window in load.windows), 1)


def _bar(window: Window, count: int, across: svg.Scale, up: svg.Scale) -> Markup:
    return svg.rectangle(across(window.started) + 1, up(count), across(window.ended) - 1, up(0), svg.LINE)


def _deadline(load: LoadEvidence, across: svg.Scale, ended: float) -> Iterable[Markup]:
    if load.schedule is not None and load.schedule.last_part_begins < load.schedule.deadline <= ended:
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
        yield svg.text(LEFT + 6, 36, "ramp")


def answers(found: Reconciliation) -> Markup | None:
    """All answers that were sent, as one bar: kept, lost, changed, not read back, or without a reply; None if none was
    sent."""
    parts = [
        Part("kept", found.kept, svg.GREEN),
        Part("lost", found.lost, svg.RED),
        Part("changed", found.stale, "#8250df"),
        Part("never got a reply", found.unknown_kept + found.unknown_absent, svg.AMBER),
    ]
    if found.uncompared:
        parts.append(Part("could not be read back", found.uncompared, "#6e7781"))
    return divided_bar(ledger_sentence(found), parts)
