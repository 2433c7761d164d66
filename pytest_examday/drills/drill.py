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


def no_probes(target: "Target", prober: object) -> tuple[Probe, ...]:
    """Try nothing."""
    return ()


class Flaps(NamedTuple):
    """A fault that comes and goes: in for `seconds_in`, out for `seconds_out`.

    That goes on until the drill's time is over and the fault has been in at least `times` times.
    """

    seconds_in: float
    seconds_out: float
    times: int = 2


@dataclass(frozen=True)
class Drill:
    """A scenario of a runbook: the fault, what is tried before, during and after it, its lines and its chart.

    `name` is what a profile calls the drill, `activity` the name of its evidence, `title` its name in reports, `phase`
    the phase of the runbook. `always`: the drill is part of every rehearsal. `standard`: a profile includes it with the
    word `standard`. Other drills run if the profile names them.

    `before`, `during` and `after` make probes while the fault is not in yet, is in, and is out again. The name of a
    probe is an operation, or another subject, followed by `before`, `during` or `after`: `create during`. A line finds
    its probes by their exact names.

    `fault` asks the runtime whether the fault is possible, before anything is touched. `warnings` gives the expression
    that is true for a log line of the platform that warns of this fault. `cuts_connections`: broken connections are the
    fault itself. `outage`: nobody can be served while the fault is in, so that an actor is harmed only if it waits for
    too long after the end of the fault. `continues`: work that was begun before the fault is finished after it.

    `effect_probe` is the exact name of the probe that shows the effect of the fault, for a fault whose effect no sense
    can observe.

    `hold_seconds` are the seconds for which the fault stays in, by default those of the profile; with 0 seconds it
    stays in until the probes of `during` are made. `needs_redis`: a platform without Redis is spared the drill.
    `needs_links` and `needs_proxy` say what the embedded platform needs for this drill: links in front of its stores, a
    proxy in front of its workers.
    """

    name: str
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
    effect_probe: str | None = None
    after: Probing = no_probes
    warnings: Callable[["Target"], str | None] | None = None
    cuts_connections: bool = False
    outage: bool = False
    continues: bool = False
    hold_seconds: float | Callable[[Environment], float] | None = None
    flaps: Flaps | None = None
    needs_redis: bool = False
    needs_links: bool = False
    needs_proxy: bool = False

    @property
    def activity(self) -> str:
        """The name of the activity that runs the drill, and of its evidence."""
        return f"drill_{self.name}"

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


def hold_below_wait_limit(environment: Environment) -> float:
    """The seconds for which a fault may leave actors without a reply: those of the profile, but at most half of the
    wait that counts as harm, because the platform also needs time to serve the actors that have waited."""
    return min(environment.profile.drill.hold_seconds, environment.thresholds.drill_wait_seconds / 2)
