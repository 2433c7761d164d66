"""A flapping link to the database (Alaska 2016: answers lost): it is silent for a moment, answers, is silent again."""

from pytest_examday.drills.drill import Drill, Flaps
from pytest_examday.faults.fault import service_paused
from pytest_examday.target.target import Target

_FLAPS = Flaps(1.0, 1.0)


def describe(target: Target) -> Drill:
    """The database stands still for a second, works for one, and so on for the time of a hold, twice at the least:
    connections stay, and what was under way arrives late."""
    return Drill(
        activity="drill_link_flapping",
        scenario=f"link to the database silent for {_FLAPS.seconds_in:g} s again and again",
        fault=lambda target: service_paused(target, "database silent", target.runtime.service("database")),
        cuts_connections=True,
        outage=True,
        continues=True,
        flaps=_FLAPS,
    )
