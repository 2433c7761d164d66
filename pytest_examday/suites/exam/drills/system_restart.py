"""The whole system is restarted in the order of the runbook (source document 002, "Emergency Procedures"): everything
is stopped, the application first; then the infrastructure is started, and after it is healthy the application."""

from typing import TYPE_CHECKING

from pytest_examday.drills.drill import Drill
from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.fault import Fault
from pytest_examday.faults.role_senses import silence_senses
from pytest_examday.faults.undo import StartInOrder, Undo
from pytest_examday.runtimes.base import Role, Runtime
from pytest_examday.suites.exam.lines.drill_lines import LinesOf
from pytest_examday.suites.exam.probes.drill_probes import ready_without_database
from pytest_examday.suites.exam.probes.restart_probes import after_restart, before_restart

if TYPE_CHECKING:
    from pytest_examday.target.target import Target


def _order(target: "Target") -> tuple[str, ...]:
    """The order of starting: database, Redis and the proxy if there are such, and last the backend."""
    runtime = target.runtime
    stores = (runtime.service(role) for role in _stores(target))
    return (*stores, *_proxy(runtime), runtime.service("backend"))


def _stores(target: "Target") -> tuple[Role, ...]:
    return ("database",) if target.environment.lacks_store("redis") else ("database", "cache")


def _proxy(runtime: Runtime) -> tuple[str, ...]:
    try:
        return (runtime.service("proxy"),)
    except Unmeasurable:
        return ()  # a platform without one


def _everything_stopped(target: "Target") -> Fault:
    runtime, order = target.runtime, _order(target)
    for service in order:
        runtime.require(service, "stop")

    def stop_all() -> None:
        for service in reversed(order):
            runtime.stop(service)

    return Fault(
        name="everything stopped",
        service=", ".join(order),
        inject=stop_all,
        undo=Undo.of(StartInOrder(services=order, parts=runtime.workers())),
        late_seconds=15.0 * len(order),
        senses=tuple(sense for role in (*_stores(target), "backend") for sense in silence_senses(target, role)),
    )


_LINES = LinesOf("system_restart", "System restart", phase=7)

DRILL = Drill(
    name="system_restart",
    title="System restart",
    phase=7,
    scenario="full system restart: infrastructure first, health, then application",
    fault=_everything_stopped,
    lines=(
        *_LINES.usual(continues=True, restarts=True),
        _LINES.rules_kept(),
        _LINES.not_ready_without("the database"),
    ),
    during=ready_without_database,
    before=before_restart,
    after=after_restart,
    cuts_connections=True,
    outage=True,
    continues=True,
    hold_seconds=0.0,
)
