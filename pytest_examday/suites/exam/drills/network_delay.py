"""Network delay (source document 000, phase 3 C; source document 001: "timeouts protect the backend, clients
retry")."""

from typing import TYPE_CHECKING

from pytest_examday.config.environment import Environment
from pytest_examday.drills.drill import Drill
from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.fault import Fault
from pytest_examday.faults.role_faults import role_delayed
from pytest_examday.runtimes.base import Role
from pytest_examday.suites.exam.probes.drill_probes import log_in_and_sit_exam

if TYPE_CHECKING:
    from pytest_examday.target.target import Target

_ROLES: tuple[Role, ...] = ("backend", "proxy", "cache", "database")
"""The drill delays the first of these services that the runtime can delay. Backend and proxy reply to candidates. If
neither can be delayed, a store behind the backend is delayed, and only requests that need it are late."""


def _first_that_can_be_delayed(target: "Target") -> Fault:
    profile = target.environment.profile.drill
    reasons = []
    for role in _ROLES:
        try:
            return role_delayed(target, role, profile.delay_ms, profile.jitter_ms)
        except Unmeasurable as reason:
            reasons.append(str(reason))
    raise Unmeasurable("; ".join(dict.fromkeys(reasons)))


def _scenario(environment: Environment) -> str:
    profile = environment.profile.drill
    return f"network delay of {profile.delay_ms} ms, jitter {profile.jitter_ms} ms"


DRILL = Drill(
    name="network_delay",
    title="Network delay",
    phase=3,
    scenario=_scenario,
    fault=_first_that_can_be_delayed,
    standard=True,
    during=log_in_and_sit_exam,
    continues=True,
    needs_proxy=True,
)
