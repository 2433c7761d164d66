"""The data from which the report of one suite is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.outcome import worst
from pytest_examday.core.suite import Suite
from pytest_examday.core.verdict import LineRecord, Verdict
from pytest_examday.evidence.envelope import Evidence
from pytest_examday.record import Record
from pytest_examday.report.figure_words import printable_line


@dataclass(frozen=True)
class Box:
    """A check box, ticked or not, and the text beside it."""

    ticked: bool
    note: str = ""


@dataclass(frozen=True)
class YesNo:
    """A pair of check boxes, yes and no. `yes` None leaves both empty; the note then says why."""

    yes: bool | None
    note: str = ""


_NOT_MEASURED = "not measured: "


def not_measured(why: str) -> str:
    """The text of a field without a figure."""
    return f"{_NOT_MEASURED}{printable_line(why)}"


@dataclass(frozen=True)
class View:
    """One suite of one run, as its report is written from it.

    `verdict` is None if no gate was asked for. `evidence` is by activity. `measured_in` is the run directory in
    which the evidence was measured. `lines` are the records of the suite's lines that are part of the run.
    """

    suite: Suite
    verdict: Verdict | None
    evidence: Mapping[str, Evidence[Record]]
    limits: Thresholds
    measured_in: Path
    lines: tuple[LineRecord, ...]

    def line(self, key: str) -> LineRecord | None:
        """The record of the line with this key; None if the line is not part of the run.

        Raises KeyError if the suite has no line with this key.
        """
        if key not in self.suite.line_by_key:
            raise KeyError(f"suite {self.suite.name} has no line {key}")
        return next((line for line in self.lines if line.key == key), None)

    def of_phase(self, phase: int) -> tuple[LineRecord, ...]:
        """The lines of a phase that are part of the run."""
        return tuple(line for line in self.lines if line.phase == phase)

    def needing(self, activity: str) -> tuple[LineRecord, ...]:
        """The lines of the run that read the evidence of this activity."""
        by_key = self.suite.line_by_key
        return tuple(line for line in self.lines if activity in by_key[line.key].needs)

    def box(self, key: str) -> Box:
        """The check box of one line: ticked if the line passed."""
        line = self.line(key)
        if line is None:
            if key in self.suite.not_promised:
                return Box(False, not_measured(f"not promised, {self.suite.not_promised[key]}"))
            return Box(False, not_measured(self.suite.not_described.get(key, "not part of this run")))
        return Box(line.outcome == "pass", _note((line,)))

    def opposite(self, key: str) -> YesNo:
        """The pair of boxes for the opposite of what a line states: no if the line passed."""
        boxes = self.yes_no([self.line(key)])
        return YesNo(None if boxes.yes is None else not boxes.yes, boxes.note)

    def yes_no(self, lines: Iterable[LineRecord | None]) -> YesNo:
        """The pair of boxes for several lines: yes if all passed, no if one failed, otherwise neither."""
        part_of_run = tuple(line for line in lines if line is not None)
        outcome = worst(line.outcome for line in part_of_run)
        return YesNo({"pass": True, "fail": False, "inconclusive": None}[outcome], _note(part_of_run))


def _note(lines: tuple[LineRecord, ...]) -> str:
    """The reasons of the lines with the worst outcome; if all passed, the figure of a single line."""
    outcome = worst(line.outcome for line in lines)
    reasons = dict.fromkeys(printable_line(line.reason) for line in lines if line.outcome == outcome)
    if outcome == "inconclusive":
        reason = "; ".join(reasons) or "not part of this run"
        return reason if _NOT_MEASURED in reason else not_measured(reason)
    return "; ".join(reasons) if outcome == "fail" or len(lines) == 1 else ""


def unmeasured_harm(views: Iterable[View]) -> tuple[str, ...]:
    """The parts of the run that were not measured, in all suites. Actors may have been harmed there unnoticed, so the
    report must not say that nobody was harmed."""
    return tuple(name for view in views for name in _unmeasured_harm(view))


def _unmeasured_harm(view: View) -> tuple[str, ...]:
    if view.suite.unmeasured_harm is None:
        return ()
    try:
        return tuple(map(str, view.suite.unmeasured_harm(view)))
    except Exception as problem:  # noqa: BLE001 # a function of the user's must not cost the report
        return (
            printable_line(f"unmeasured_harm of suite {view.suite.name} crashed: {type(problem).__name__}: {problem}"),
        )
