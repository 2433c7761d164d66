"""Leftovers: faults that earlier runs or drills have left in. They are taken out before a run or a drill begins."""

from pathlib import Path

from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.healing import heal_all, healing_lock
from pytest_examday.faults.healing_runtime import healing_runtime
from pytest_examday.faults.journal import DRILL, JOURNAL_FILE, Journal
from pytest_examday.target.target import Target


def journal_of(target: Target) -> Journal:
    """The journal of the target's platform, with a copy in the run directory."""
    return Journal(
        target.state_directory / JOURNAL_FILE, (target.run.directory / JOURNAL_FILE,), target.run.redactor.clean
    )


def take_out_leftovers(target: Target, by: str) -> tuple[str, ...]:
    """Take out faults that others have left in; returns one message for each. `by` is written to the journal.

    That needs no permission in the configuration: whoever put the fault in had it. A fault of this run that could not
    be taken out stays with its watchdog, and the evidence of its drill reports it. Raises Unmeasurable if a fault
    cannot be shown to be gone."""
    journal = Journal(target.state_directory / JOURNAL_FILE, clean=target.run.redactor.clean)
    if not journal.path.exists():
        return ()
    with healing_lock(journal):
        within = target.config.parent if target.config is not None else Path.cwd()
        report = heal_all(
            journal, lambda fault: healing_runtime(target), by, within, except_ids=reported_by_this_run(target)
        )
        if target.state_directory != target.run.directory:
            journal.forget_if_closed()
    lines = tuple(target.run.redactor.clean(line) for line in report.lines)
    for line in lines:
        target.run.progress.say(line)
    if report.left:
        left = "may have left" if report.left == report.unreadable else "left"
        raise Unmeasurable(f"an earlier rehearsal {left} a fault behind: {report.left[0]}")
    return lines


def reported_by_this_run(target: Target) -> frozenset[str]:
    """The ids of this run's open faults whose own drill has reported that they remain."""
    reading = journal_of(target).read()
    ours = {fault.id for fault in reading.open if fault.owner.directory == str(target.run.directory)}
    return frozenset(entry.id for entry in reading.entries if entry.event == "remains" and entry.by == DRILL) & ours
