"""Network delay (seed 000, phase 3 C; seed 001: "timeouts protect the backend, clients retry")."""

from pytest_examday.drills.drill import Drill
from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.fault import Fault, service_delayed
from pytest_examday.runtimes.base import Role
from pytest_examday.suites.exam.probes import enter_and_sit
from pytest_examday.target.target import Target

_ROLES: tuple[Role, ...] = ("backend", "proxy", "cache", "database")
"""What candidates are answered by, where it can be delayed: the backend itself, else the proxy before it. Else the
link to what stands behind the backend: then only what needs it is late."""


def _fault(target: Target) -> Fault:
    profile = target.environment.profile.drill
    reasons = []
    for role in _ROLES:
        try:
            service = target.runtime.service(role)
            return service_delayed(target, f"{role} delayed", service, profile.delay_ms, profile.jitter_ms)
        except Unmeasurable as reason:
            reasons.append(str(reason))
    raise Unmeasurable("; ".join(dict.fromkeys(reasons)))


def describe(target: Target) -> Drill:
    """Everything that the backend sends is late, or the proxy before it, or all that it hears from Redis or the
    database."""
    profile = target.environment.profile.drill
    return Drill(
        activity="drill_network_delay",
        scenario=f"network delay of {profile.delay_ms} ms, jitter {profile.jitter_ms} ms",
        fault=_fault,
        during=enter_and_sit,
        continues=True,
    )
