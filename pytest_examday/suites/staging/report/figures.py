"""The figures of the report, from the evidence; one that was not measured says why."""

from dataclasses import dataclass
from typing import TypeVar

from pytest_examday.record import Record
from pytest_examday.report.figure_words import SYMBOLS, printable_line
from pytest_examday.report.view import View, not_measured
from pytest_examday.suites.staging.migrations.evidence import MigrationsEvidence
from pytest_examday.suites.staging.not_yet_rehearsed import NOT_YET_REHEARSED
from pytest_examday.suites.staging.webhooks.evidence import WebhooksEvidence

_Kind = TypeVar("_Kind", bound=Record)
_NOT_PART_OF_RUN = "not part of this run"


@dataclass(frozen=True)
class Figure:
    """A field of the template with a figure."""

    label: str
    value: str


@dataclass(frozen=True)
class FileRow:
    """One migration: whether it was applied, and what was found."""

    name: str
    ticked: bool
    state: str
    note: str


FIGURE_HEADINGS = {2: "Test Webhooks", 3: "Performance Metrics", 4: "Data Assessment", 6: "Metrics"}
"""Number of a section -> the heading of its figures."""
_UNREHEARSED: dict[int, tuple[str, ...]] = {
    3: ("Processing Time", "Jobs Processed", "Errors"),
    4: ("Events with PII", "Recovery Cases", "Recovery Actions", "Old Events Cleaned"),
    6: ("Concurrent Webhooks", "Response Times", "Memory Usage", "Database Connections", "Error Rate"),
}
"""Number of a section that no version rehearses yet -> its figures."""


def figures_of(view: View, number: int) -> tuple[Figure, ...]:
    """The figures of a section."""
    if number == 2:
        return _webhooks(view)
    why = next((section.reason for section in NOT_YET_REHEARSED if section.phase == number), _NOT_PART_OF_RUN)
    return tuple(Figure(label, not_measured(why)) for label in _UNREHEARSED.get(number, ()))


def _webhooks(view: View) -> tuple[Figure, ...]:
    found, why = _evidence(view, "webhooks", WebhooksEvidence)
    counts = (None, None, None) if found is None else (found.sent, found.processed, found.errors)
    labels = ("Test Webhooks Sent", "Successfully Processed", "Errors Encountered")
    return tuple(
        Figure(label, not_measured(why) if count is None else str(count))
        for label, count in zip(labels, counts, strict=True)
    )


def migration_rows(view: View) -> tuple[FileRow, ...]:
    """Every migration of the chain: whether it was applied on an empty database and on one with rows. The lines of the
    section judge everything else."""
    found, _ = _evidence(view, "migrations", MigrationsEvidence)
    return () if found is None else tuple(_row(found, entry.name) for entry in found.chain)


def _row(found: MigrationsEvidence, name: str) -> FileRow:
    runs = {
        where: next((run for run in steps if run.name == name), None)
        for where, steps in (("on an empty database", found.from_empty), ("on one with rows", found.with_rows))
    }
    failed = [f"fails {where}: {printable_line(run.error)}" for where, run in runs.items() if run and not run.applied]
    if failed:
        return FileRow(name, False, SYMBOLS["fail"], "; ".join(failed))
    missing = [where for where, run in runs.items() if run is None]
    if missing:
        return FileRow(name, False, SYMBOLS["inconclusive"], f"was not run {' and not '.join(missing)}")
    took = ", ".join(f"{run.seconds:.2f} s {where}" for where, run in runs.items() if run is not None)
    return FileRow(name, True, SYMBOLS["pass"], took)


def _evidence(view: View, activity: str, kind: type[_Kind]) -> tuple[_Kind | None, str]:
    """The record of an activity, or the reason why there is none."""
    item = view.evidence.get(activity)
    if item is None:
        return None, _NOT_PART_OF_RUN
    if isinstance(item.record, kind):
        return item.record, ""
    return None, item.unmeasured or f"the evidence of {activity} is of another kind"
