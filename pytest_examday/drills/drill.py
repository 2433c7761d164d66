"""The record of a drill: its fault, what is tried before, during and after it, its lines and its chart."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_examday.config.environment import Environment
from pytest_examday.core.line import Line
from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.evidence.probe import Probe
from pytest_examday.faults.fault import Fault

if TYPE_CHECKING:
    from pytest_examday.target.target import Target

Probing = Callable[["Target", Any], tuple[Probe, ...]]
"""Tries something on the platform. The second argument is the prober of the workload; its type is the suite's own."""
Chart = Callable[[DrillEvidence, Path], Any]
"""Draws the evidence. The second argument is the run directory, which holds the requests. Returns a
`pytest_examday.report.picture.Picture`."""


def activity_of(drill_name: str) -> str:
    """The name of the activity that runs the drill of this name, and of its evidence."""
    return f"drill_{drill_name}"


def no_probes(target: "Target", prober: object) -> tuple[Probe, ...]:
    """Try nothing."""
    return ()


class Flaps(NamedTuple):
    """How a fault comes and goes, until the time of the drill is over."""

    seconds_in: float
    """How long it stays in each time."""
    seconds_out: float
    """How long it stays out each time."""
    times: int = 2
    """How many times it is put in at least."""


@dataclass(frozen=True)
class Drill:
    """A scenario of a runbook: a fault, what is tried before, during and after it, and what is judged."""

    name: str
    """What a profile calls the drill."""
    title: str
    """The name of the drill in reports."""
    phase: int
    """The phase of the runbook."""
    scenario: str | Callable[[Environment], str]
    """What happens in the drill, in words."""
    fault: Callable[["Target"], Fault]
    """Makes the fault. It asks the runtime whether the fault is possible and touches nothing; raises Unmeasurable if it
    is not possible."""
    lines: tuple[Line, ...] = ()
    """The lines that judge the evidence of the drill."""
    chart: Chart | None = None
    """Draws the drill for the report; None: the chart of every drill without one."""
    always: bool = False
    """The drill is part of every rehearsal. Another one runs if the profile names it."""
    standard: bool = False
    """A profile includes the drill with the word `standard`."""
    before: Probing = no_probes
    """Makes the probes before the fault goes in. A line finds probes by their exact names."""
    during: Probing = no_probes
    """Makes the probes while the fault is in."""
    effect_probe: str | None = None
    """The exact name of the probe that shows the effect of the fault, for a fault whose effect no sense can observe."""
    after: Probing = no_probes
    """Makes the probes after the recovery."""
    warnings: Callable[["Target"], str | None] | None = None
    """The expression that matches a log line of the platform that warns of this fault; None if nothing is known to
    warn of it."""
    cuts_connections: bool = False
    """Broken connections are the fault itself and no crash of the platform."""
    outage: bool = False
    """The platform can serve nobody while the fault is in. So an actor is harmed only if it waits for too long after
    the end of the fault."""
    continues: bool = False
    """Work that was begun before the fault is finished after it."""
    hold_seconds: float | Callable[[Environment], float] | None = None
    """How long the fault stays in; None: as long as the profile says. With 0 seconds the fault stays in until the
    probes of `during` are made."""
    flaps: Flaps | None = None
    """How the fault comes and goes; None: it stays in."""
    needs_redis: bool = False
    """The drill is not run on a platform without Redis."""
    needs_links: bool = False
    """The drill needs an embedded platform with links in front of its stores."""
    needs_proxy: bool = False
    """The drill needs an embedded platform with a proxy in front of its workers."""

    @property
    def activity(self) -> str:
        """The name of the activity that runs the drill, and of its evidence."""
        return activity_of(self.name)

    def scenario_in(self, environment: Environment) -> str:
        """The scenario in words, with the figures of the environment's profile."""
        return self.scenario if isinstance(self.scenario, str) else self.scenario(environment)

    def hold_seconds_in(self, environment: Environment) -> float:
        """The seconds for which the fault stays in."""
        if self.hold_seconds is None:
            return environment.profile.drill.hold_seconds
        return self.hold_seconds(environment) if callable(self.hold_seconds) else self.hold_seconds


def hold_below_wait_limit(environment: Environment) -> float:
    """The seconds for which a fault may leave actors without a reply: those of the profile, but at most half of the
    wait that counts as harm, because the platform also needs time to serve the actors that have waited."""
    return min(environment.profile.drill.hold_seconds, environment.thresholds.drill_wait_seconds / 2)
