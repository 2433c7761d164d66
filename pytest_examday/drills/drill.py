"""What a drill is: one record of a fault, of what is tried around it, and of what is judged afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_examday.config.environment import Environment
from pytest_examday.core.line import Line
from pytest_examday.evidence.drill_outcome import DrillEvidence
from pytest_examday.evidence.probe import Probe
from pytest_examday.faults.fault import Fault

if TYPE_CHECKING:
    from pytest_examday.target.target import Target

Probing = Callable[["Target", Any], tuple[Probe, ...]]
"""Tries something on the platform with the prober of the workload; what a prober is, only its suite knows."""
Chart = Callable[[DrillEvidence, Path], Any]
"""Draws what was observed: takes the evidence and the run directory that holds the requests, gives a
`pytest_examday.report.picture.Picture`."""


def no_probes(target: "Target", prober: object) -> tuple[Probe, ...]:
    """For a drill that needs none at this point."""
    return ()


class Flaps(NamedTuple):
    """A fault that comes and goes: `seconds_in`, `seconds_out`, until the time of the drill is over and the fault has
    come as many `times`, however long it takes to put it in."""

    seconds_in: float
    seconds_out: float
    times: int = 2


@dataclass(frozen=True)
class Drill:
    """A scenario of a runbook: the fault, what is tried before, during and after it, its lines and its chart.

    `name` is what a profile calls the drill, `activity` the name of its evidence, `title` its name for people, `phase`
    the phase of the runbook. `always`: it is part of every rehearsal. `standard`: it is part of the profile
    `standard`. All other drills run where the profile names them.

    `fault` asks the runtime whether the fault is possible, before anything is touched. `warnings` gives the expression
    that a log line of the platform meets if it warns of this fault. `cuts_connections`: broken connections are the
    fault itself. `outage`: nobody can be served while the fault is in, so that an actor is harmed only by what it
    waits beyond the end of the fault. `continues`: work that was begun before the fault is finished after it.

    `hold_seconds` are the seconds for which the fault stays in, by default those of the profile; with 0 seconds it
    stays in as long as what is tried `during`. `needs_links` and `needs_proxy` say what the embedded platform needs
    for this drill: links in front of its stores, a proxy in front of its workers.
    """

    name: str
    activity: str
    title: str
    phase: int
    scenario: str | Callable[[Environment], str]
    fault: Callable[["Target"], Fault]
    lines: tuple[Line, ...] = ()
    chart: Chart | None = None
    always: bool = False
    standard: bool = False
    before: Probing = no_probes
    during: Probing = no_probes
    after: Probing = no_probes
    warnings: Callable[["Target"], str | None] | None = None
    cuts_connections: bool = False
    outage: bool = False
    continues: bool = False
    hold_seconds: float | Callable[[Environment], float] | None = None
    flaps: Flaps | None = None
    needs_links: bool = False
    needs_proxy: bool = False

    def scenario_in(self, environment: Environment) -> str:
        """The scenario in words, with the figures of the environment's profile."""
        return self.scenario if isinstance(self.scenario, str) else self.scenario(environment)

    def hold_seconds_in(self, environment: Environment) -> float:
        """The seconds for which the fault stays in."""
        if self.hold_seconds is None:
            return environment.profile.drill.hold_seconds
        return self.hold_seconds(environment) if callable(self.hold_seconds) else self.hold_seconds

    def longest_wait(self, limit_seconds: float, held_seconds: float) -> float:
        """The seconds that an actor may wait on one action while this drill runs; a longer wait is harm."""
        return limit_seconds + (held_seconds if self.outage else 0.0)


def brief_hold(environment: Environment) -> float:
    """The seconds for which actors may be left without an answer: as the profile says, and at most half of the wait
    that harms them, because an actor that has waited that long has to be served too."""
    return min(environment.profile.drill.hold_seconds, environment.thresholds.drill_wait_seconds / 2)
