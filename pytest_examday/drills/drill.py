"""What a drill is: a fault, and what is tried before, while and after it is in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from pytest_examday.evidence.phases import Probe
from pytest_examday.faults.fault import Fault
from pytest_examday.suites.exam.probe_candidate import ProbeCandidate
from pytest_examday.target.target import Target

Probing = Callable[[Target, ProbeCandidate], tuple[Probe, ...]]


def no_probes(target: Target, candidate: ProbeCandidate) -> tuple[Probe, ...]:
    """For a drill that needs none at this point."""
    return ()


def brief(target: Target) -> float:
    """Seconds for which people may be left without an answer: as the profile says, and half of what harms them at the
    most, because somebody who has waited that long has to be served too."""
    environment = target.environment
    return min(environment.profile.drill.hold_seconds, environment.thresholds.drill_wait_seconds / 2)


class Flaps(NamedTuple):
    """A fault that comes and goes: seconds in, seconds out, until the time of the drill is over and it came that often.

    Once would be no flapping, however long it takes to put it in.
    """

    seconds_in: float
    seconds_out: float
    times: int = 2


@dataclass(frozen=True)
class Drill:
    """A scenario of seeds 001 and 002: the fault, and what is tried before, during and after it.

    `fault` asks the runtime whether it can be done, before anything is touched. `outage`: nobody can be served while
    it is in, so that the wait for its end is the drill's own doing, and only what a candidate waits beyond it is
    harm. `continues`: an exam begun before it is finished after it. Without `hold_seconds` it is held as long as the
    profile says; 0 is a plain restart, which lasts as long as what is tried `during`.
    """

    activity: str
    scenario: str
    fault: Callable[[Target], Fault]
    before: Probing = no_probes
    during: Probing = no_probes
    after: Probing = no_probes
    warnings: str | None = None
    cuts_connections: bool = False
    outage: bool = False
    continues: bool = False
    hold_seconds: float | None = None
    flaps: Flaps | None = None

    def longest_wait(self, limit_seconds: float, held_seconds: float) -> float:
        """Seconds that a candidate may wait on one action while this drill runs; beyond them it is harm."""
        return limit_seconds + (held_seconds if self.outage else 0.0)
