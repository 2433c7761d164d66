"""Full system restart in the runbook's order (seed 002, "Emergency Procedures"): everything down; infrastructure first,
its health, then the application."""

from pytest_examday.drills.drill import Drill
from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.fault import Fault
from pytest_examday.faults.undo import StartInOrder
from pytest_examday.runtimes.base import Role, Runtime
from pytest_examday.target.target import Target

_INFRASTRUCTURE: tuple[Role, ...] = ("database", "cache")


def _order(target: Target) -> tuple[str, ...]:
    """Database, cache, the proxy where there is one, and last the backend."""
    runtime = target.runtime
    return (*(runtime.service(role) for role in _INFRASTRUCTURE), *_proxy(runtime), runtime.service("backend"))


def _proxy(runtime: Runtime) -> tuple[str, ...]:
    try:
        return (runtime.service("proxy"),)
    except Unmeasurable:
        return ()  # a platform without one


def _fault(target: Target) -> Fault:
    runtime, order = target.runtime, _order(target)
    for service in order:
        runtime.require(service, "stop")

    def stop_all() -> None:
        for service in reversed(order):
            runtime.stop(service)

    return Fault(
        name="everything stopped",
        target=", ".join(order),
        inject=stop_all,
        undo=StartInOrder(services=order, parts=runtime.workers()).as_data(),
        late_seconds=15.0 * len(order),
    )


def describe(target: Target) -> Drill:
    """Stopped in the opposite order, and started at once."""
    return Drill(
        activity="drill_system_restart",
        scenario="full system restart: infrastructure first, health, then application",
        fault=_fault,
        cuts_connections=True,
        outage=True,
        continues=True,
        hold_seconds=0.0,
    )
