"""The link to the database flaps (Alaska 2016: answers were lost): it is silent for a second and works for a second,
again and again for the time of the drill, at least twice. Connections stay, and data on the way arrives late."""

from pytest_examday.drills.drill import Drill, Flaps
from pytest_examday.faults.role_faults import role_paused
from pytest_examday.suites.exam.lines.drill_lines import LinesOf
from pytest_examday.suites.exam.probes.drill_probes import ready_without_database

_FLAPS = Flaps(seconds_in=1.0, seconds_out=1.0)

_LINES = LinesOf("link_flapping", "Link flapping")

DRILL = Drill(
    name="link_flapping",
    title="Link flapping",
    phase=3,
    scenario=f"link to the database silent for {_FLAPS.seconds_in:g} s again and again",
    fault=role_paused("database", "database silent"),
    lines=(*_LINES.usual(continues=True), _LINES.not_ready_without("the database")),
    during=ready_without_database,
    cuts_connections=True,
    outage=True,
    continues=True,
    flaps=_FLAPS,
)
