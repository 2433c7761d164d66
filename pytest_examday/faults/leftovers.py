"""Leftovers: faults that earlier runs or drills have left in. They are taken out before a run or a drill begins."""

from pytest_examday.config.configuration_file import folder_of
from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.healing import heal_all, healing_lock
from pytest_examday.faults.healing_runtime import healing_runtime
from pytest_examday.faults.journal import DRILL, JOURNAL_FILE, IntendedFault, Journal
from pytest_examday.target.target import Target


def journal_of(target: Target) -> Journal:
    """The journal of the target's platform, with a copy in the run directory."""
    return Journal(
        target.state_directory / JOURNAL_FILE, (target.files.directory / JOURNAL_FILE,), target.files.redactor.clean
    )


def take_out_leftovers(target: Target, by: str) -> tuple[str, ...]:
    """Take out faults that others have left in; returns one message for each. `by` is written to the journal.

    That needs no permission in the configuration: whoever put the fault in had it. A fault of this run that could not
    be taken out stays with its watchdog, and the evidence of its drill reports it. What lasts for this whole run stays
    too. Raises Unmeasurable if a fault cannot be shown to be gone."""
    journal = Journal(target.state_directory / JOURNAL_FILE, clean=target.files.redactor.clean)
    if not journal.path.exists():
        return ()
    with healing_lock(journal):
        within = folder_of(target.config)
        report = heal_all(
            journal, lambda fault: healing_runtime(target), by, within, except_ids=_left_as_they_are(target)
        )
        if target.state_directory != target.files.directory:
            journal.forget_if_closed()
    lines = tuple(target.files.redactor.clean(line) for line in report.lines)
    for line in lines:
        target.files.progress.say(line)
    if report.left:
        verb = "may have left" if report.left == report.unreadable else "left"
        raise Unmeasurable(f"an earlier rehearsal {verb} a fault behind: {report.left[0]}")
    return lines


def _left_as_they_are(target: Target) -> frozenset[str]:
    """The ids of the open faults that this run knows of and does not take out now."""
    return reported_by_this_run(target) | {fault.id for fault in _of_this_run(target) if fault.lasts == "run"}


def changes_left(target: Target) -> tuple[str, ...]:
    """What lasted for this whole run and is not as it was, or was undone too early: one sentence for each. Raises
    Unmeasurable if the journal cannot be read. The copy in the run directory is read, because a later run may have
    removed the journal."""
    content = Journal(target.files.directory / JOURNAL_FILE).read()
    sentences = []
    for fault in content.entries:
        if not isinstance(fault, IntendedFault) or fault.lasts != "run":
            continue
        ended_by = content.ended_by(fault.id)
        if ended_by is None:
            why = content.remains(fault.id) or "nobody has shown that it was undone"
            sentences.append(f"{fault.fault}: {why}; {fault.by_hand}")
        elif ended_by != DRILL:
            sentences.append(f"{fault.fault}: undone before the end of the run, by {ended_by}")
    return tuple(sentences)


def _of_this_run(target: Target) -> tuple[IntendedFault, ...]:
    """The open faults that this run has put in."""
    open_faults = journal_of(target).read().open_faults
    return tuple(fault for fault in open_faults if fault.owner.directory == str(target.files.directory))


def reported_by_this_run(target: Target) -> frozenset[str]:
    """The ids of this run's open faults whose own drill has reported that they remain."""
    content = journal_of(target).read()
    ours = {fault.id for fault in _of_this_run(target)}
    return frozenset(entry.id for entry in content.entries if entry.event == "remains" and entry.by == DRILL) & ours
