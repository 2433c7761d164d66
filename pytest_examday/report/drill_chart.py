"""The chart of a drill: requests second by second while the fault is put in and taken out."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from markupsafe import Markup

from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.report import svg
from pytest_examday.report.chart_parts import LEFT, RIGHT, WIDTH, time_axis
from pytest_examday.report.drill_timeline import Slice, slices
from pytest_examday.report.drill_words import drill_sentence, recovery_sentence, stage_sentences
from pytest_examday.report.figure_words import seconds
from pytest_examday.report.picture import Picture

_MIDDLE = 112.0
_TOP, _BOTTOM = 28, 184
_MEANING = (
    "Red ground: the fault was in. Paler ground: it was being taken out, for instance while a service started. Dashed "
    "line: everything had answered again. The seconds beside it are counted from the end of the red ground."
)


def drill_picture(record: DrillEvidence, directory: Path) -> Picture:
    """The chart of a drill with its heading; `directory` is the run directory that holds the drill's samples."""
    words = (*stage_sentences(record), recovery_sentence(record), _MEANING)
    return Picture(f"Drill: {record.scenario}", _chart(record, slices(directory, record)), words)


def _chart(record: DrillEvidence, parts: Sequence[Slice]) -> Markup:
    """Draw successful requests upwards and failed requests downwards, with the time of the fault shaded, and paler the
    time in which it was taken out. The recovery is counted from where the removal began."""
    began, ended = record.before.started, record.after.ended
    across = svg.scale(began, ended, LEFT, RIGHT)
    most = max((max(part.succeeded, part.failed) for part in parts), default=1) or 1
    high = svg.scale(0, most, 0, 62)
    drawn = [
        svg.rectangle(across(record.injected), _TOP, across(record.removal_began), _BOTTOM, svg.FAULT),
        svg.rectangle(across(record.removal_began), _TOP, across(record.during.ended), _BOTTOM, svg.FAULT_REMOVED),
        svg.text(
            (across(record.injected) + across(record.removal_began)) / 2, 22, "fault in", svg.RED, "middle", "600"
        ),
        svg.text(across(began), 22, "before"),
        svg.text(across(ended), 22, "after", anchor="end"),
        *_bars(parts, across, high),
        svg.line(LEFT, _MIDDLE, RIGHT, _MIDDLE, svg.GREY),
        svg.text(LEFT - 8, _MIDDLE - 30, "succeeded", svg.GREEN, "end"),
        svg.text(LEFT - 8, _MIDDLE + 40, "failed", svg.RED, "end"),
        *time_axis(across, began, ended, _BOTTOM),
        *_recovered(record, across),
    ]
    if not parts:
        drawn.append(svg.text((LEFT + RIGHT) / 2, _MIDDLE - 10, "no request by second is known", anchor="middle"))
    return svg.picture(WIDTH, 212, drill_sentence(record), drawn)


def _bars(parts: Sequence[Slice], across: svg.Scale, high: svg.Scale) -> Iterable[Markup]:
    for part in parts:
        left, right = across(part.started) + 1, across(part.ended) - 1
        if part.succeeded:
            yield svg.rectangle(left, _MIDDLE - high(part.succeeded), right, _MIDDLE, svg.GREEN)
        if part.failed:
            yield svg.rectangle(left, _MIDDLE, right, _MIDDLE + high(part.failed), svg.RED)


def _recovered(record: DrillEvidence, across: svg.Scale) -> Iterable[Markup]:
    took = record.recovery_seconds
    if took is None:
        yield svg.text(RIGHT, 42, "recovery was not seen", svg.RED, "end", "600")
        return
    at = across(min(record.removal_began + took, record.after.ended))
    yield svg.line(at, _TOP, at, _BOTTOM, svg.BLUE, "5 3")
    x, anchor = (at - 6, "end") if at > RIGHT - 190 else (at + 6, "start")
    yield svg.text(x, 42, f"all answered after {seconds(took)}", svg.BLUE, anchor, "600")
