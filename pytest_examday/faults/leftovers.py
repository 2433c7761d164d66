"""The first act of a run, and of every drill: no fault of an earlier one is still in."""

from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.healing import alone, heal_all
from pytest_examday.faults.journal import DRILL, FILE, Journal
from pytest_examday.target.target import Target


def journal_of(target: Target) -> Journal:
    """The journal of the target's platform, with a copy in the run directory."""
    return Journal(target.state_directory / FILE, (target.run.directory / FILE,), target.run.redactor.clean)


def take_out_leftovers(target: Target, by: str) -> tuple[str, ...]:
    """Take out what others left in, and tell it; raises Unmeasurable where something cannot be shown to be gone.

    The platform was theirs to disturb, so that undoing it needs no permission of today's configuration. A fault of
    this run that did not go is in its drill's evidence already, and left to its watchdog.
    """
    journal = Journal(target.state_directory / FILE, clean=target.run.redactor.clean)
    if not journal.path.exists():
        return ()
    with alone(journal):
        told = heal_all(journal, lambda fault: target.runtime, by, but=told_by_this_run(target))
        if target.state_directory != target.run.directory:
            journal.forget_if_closed()
    lines = tuple(target.run.redactor.clean(line) for line in told.lines)
    for line in lines:
        target.run.progress.say(line)
    if told.left:
        left = "may have left" if told.left == told.unreadable else "left"
        raise Unmeasurable(f"an earlier rehearsal {left} a fault behind: {told.left[0]}")
    return lines


def told_by_this_run(target: Target) -> frozenset[str]:
    """The open faults of this run that their own drills said they could not take out."""
    reading = journal_of(target).read()
    ours = {fault.id for fault in reading.open if fault.owner.directory == str(target.run.directory)}
    return frozenset(entry.id for entry in reading.entries if entry.event == "remains" and entry.by == DRILL) & ours
