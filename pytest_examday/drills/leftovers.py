"""The first act of a run, and of every drill: no fault of an earlier one is still in."""

from pytest_examday.drills.healing import alone, heal_all
from pytest_examday.drills.journal import FILE, Journal
from pytest_examday.errors import Unmeasurable
from pytest_examday.site import Site


def journal_of(site: Site) -> Journal:
    """The journal of the site's platform, with a copy in the run directory."""
    return Journal(site.standing / FILE, (site.directory / FILE,), site.redactor.clean)


def take_out_leftovers(site: Site, by: str) -> tuple[str, ...]:
    """Take out what others left in, and tell it; raises Unmeasurable where something cannot be shown to be gone.

    The platform was theirs to disturb, so that undoing it needs no permission of today's configuration.
    """
    journal = Journal(site.standing / FILE, clean=site.redactor.clean)
    if not journal.path.exists():
        return ()
    with alone(journal):
        told = heal_all(journal, lambda fault: site.runtime, by)
        if site.standing != site.directory:
            journal.forget_if_closed()
    lines = tuple(site.redactor.clean(line) for line in told.lines)
    for line in lines:
        site.progress.say(line)
    if told.left:
        raise Unmeasurable(f"an earlier rehearsal left a fault behind: {told.left[0]}")
    return lines
