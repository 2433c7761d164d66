"""The sections of the report: status, duration and boxes, all read from the outcomes of lines."""

from collections.abc import Iterable
from dataclasses import dataclass

from pytest_examday.core.outcome import Outcome, worst
from pytest_examday.core.verdict import LineRecord
from pytest_examday.report.figure_words import SYMBOLS, plural, printable_line, seconds
from pytest_examday.report.issues import phase_issues
from pytest_examday.report.view import View, not_measured
from pytest_examday.suites.staging.gates import ROLLBACK_TESTED
from pytest_examday.suites.staging.phases import IN_OVERVIEW, PHASES
from pytest_examday.suites.staging.report.boxes import GROUPS, MIGRATION_ROLLBACK, BoxOf
from pytest_examday.suites.staging.report.figures import FIGURE_HEADINGS, Figure, FileRow, figures_of, migration_rows

NOT_PART_OF_RUN = "not part of this run"
_MARKS: dict[Outcome, str] = {"pass": "✅", "fail": "❌", "inconclusive": "❓"}
_MIGRATIONS = 1
_PERFORMANCE = 6


@dataclass(frozen=True)
class CheckBox:
    """A box with its label, its outcome in words, and a note."""

    label: str
    ticked: bool
    state: str
    note: str


@dataclass(frozen=True)
class FilledGroup:
    """Boxes below one heading."""

    heading: str
    boxes: tuple[CheckBox, ...]


@dataclass(frozen=True)
class Section:
    """One section as the template shows it."""

    number: int
    title: str
    in_overview: str
    mark: str
    state: str
    duration: str
    note: str
    files: tuple[FileRow, ...] | None
    """The migrations, each with its outcome; None in other sections."""
    groups: tuple[FilledGroup, ...]
    figures: tuple[Figure, ...]
    figures_heading: str
    figures_first: bool
    """Whether the template has the figures above the boxes."""
    issues: tuple[str, ...]


def sections(view: View) -> tuple[Section, ...]:
    """All sections of the template."""
    return tuple(_section(view, number) for number in PHASES)


def _section(view: View, number: int) -> Section:
    lines = view.of_phase(number)
    outcome = worst(line.outcome for line in lines)
    return Section(
        number=number,
        title=PHASES[number],
        in_overview=IN_OVERVIEW[number],
        mark=f"{_MARKS[outcome]} {SYMBOLS[outcome]}",
        state=SYMBOLS[outcome],
        duration=_duration(view, number),
        note=_note(lines),
        files=migration_rows(view) if number == _MIGRATIONS else None,
        groups=tuple(_groups(view, number)),
        figures=figures_of(view, number),
        figures_heading=FIGURE_HEADINGS.get(number, ""),
        figures_first=number == _PERFORMANCE,
        issues=phase_issues(view, number),
    )


def _note(lines: tuple[LineRecord, ...]) -> str:
    """How many lines passed, and the first reason of the worst outcome."""
    if not lines:
        return not_measured(NOT_PART_OF_RUN)
    passed = sum(line.outcome == "pass" for line in lines)
    counted = f"{passed} of {plural(len(lines), 'line')} passed"
    outcome = worst(line.outcome for line in lines)
    if outcome == "pass":
        return counted
    reason = next(line.reason for line in lines if line.outcome == outcome)
    return f"{counted}; {printable_line(reason)}"


def _duration(view: View, number: int) -> str:
    """The time that the activities of the section took."""
    names = [activity.name for activity in view.suite.activities if activity.phase == number]
    spans = [view.evidence[name] for name in names if name in view.evidence and view.evidence[name].record is not None]
    return seconds(sum((one.ended - one.started).total_seconds() for one in spans)) or "-" if spans else "-"


def _groups(view: View, number: int) -> Iterable[FilledGroup]:
    """The groups of the template, and one with the lines for which it has no box."""
    stated: set[str] = set()
    for group in GROUPS.get(number, ()):
        boxes = []
        for box in group.boxes:
            keys = _keys(view, box)
            stated.update(keys)
            boxes.append(_filled(view, box, keys))
        yield FilledGroup(group.heading, tuple(boxes))
    others = [line for line in view.of_phase(number) if line.key not in stated]
    if others:
        yield FilledGroup("Further Checks", tuple(_box(line.words, (line,)) for line in others))


def _keys(view: View, box: BoxOf) -> tuple[str, ...]:
    if box.label != MIGRATION_ROLLBACK:
        return box.keys
    return tuple(line.key for line in view.suite.lines if line.phase == _MIGRATIONS and ROLLBACK_TESTED in line.gates)


def _filled(view: View, box: BoxOf, keys: tuple[str, ...]) -> CheckBox:
    lines = tuple(line for key in keys if (line := view.line(key)) is not None)
    words = "; ".join(line.words for line in lines) or ", ".join(keys)
    return _box(box.label or words, lines)


def _box(label: str, lines: tuple[LineRecord, ...]) -> CheckBox:
    """A box for several lines: their worst outcome, with its reasons; the figure of a single line that passed."""
    if not lines:
        return CheckBox(label, False, SYMBOLS["inconclusive"], not_measured(NOT_PART_OF_RUN))
    outcome = worst(line.outcome for line in lines)
    reasons = dict.fromkeys(printable_line(line.reason) for line in lines if line.outcome == outcome)
    note = "; ".join(reasons) if outcome != "pass" or len(lines) == 1 else f"{plural(len(lines), 'line')} passed"
    return CheckBox(label, outcome == "pass", SYMBOLS[outcome], note)
