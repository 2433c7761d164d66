"""The first act of a run, and of every drill: no fault of an earlier one is still in."""

from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.healing import alone, heal_all
from pytest_examday.faults.journal import DRILL, FILE, Journal
from pytest_examday.target.site import Site


def journal_of(site: Site) -> Journal:
    """The journal of the site's platform, with a copy in the run directory."""
    return Journal(site.standing / FILE, (site.directory / FILE,), site.redactor.clean)


def take_out_leftovers(site: Site, by: str) -> tuple[str, ...]:
    """Take out what others left in, and tell it; raises Unmeasurable where something cannot be shown to be gone.

    The platform was theirs to disturb, so that undoing it needs no permission of today's configuration. A fault of
    this run that did not go is in its drill's evidence already, and left to its watchdog.
    """
    journal = Journal(site.standing / FILE, clean=site.redactor.clean)
    if not journal.path.exists():
        return ()
    with alone(journal):
        told = heal_all(journal, lambda fault: site.runtime, by, but=told_by_this_run(site))
        if site.standing != site.directory:
            journal.forget_if_closed()
    lines = tuple(site.redactor.clean(line) for line in told.lines)
    for line in lines:
        site.progress.say(line)
    if told.left:
        left = "may have left" if told.left == told.unreadable else "left"
        raise Unmeasurable(f"an earlier rehearsal {left} a fault behind: {told.left[0]}")
    return lines


def told_by_this_run(site: Site) -> frozenset[str]:
    """The open faults of this run that their own drills said they could not take out."""
    reading = journal_of(site).read()
    ours = {fault.id for fault in reading.open if fault.owner.directory == str(site.directory)}
    return frozenset(entry.id for entry in reading.entries if entry.event == "remains" and entry.by == DRILL) & ours
