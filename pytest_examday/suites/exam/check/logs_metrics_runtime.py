"""Tries the sources that show how the platform is doing: its logs, its metrics and its runtime."""

from collections.abc import Iterator, Sequence
from typing import get_args

from pytest_examday.config.runtimes import ServiceNames
from pytest_examday.errors import Unmeasurable
from pytest_examday.observe.metrics_scrape import scrape
from pytest_examday.runtimes.base import Role
from pytest_examday.suites.exam.check.check_result import CheckResult, State, did_you_mean_place
from pytest_examday.suites.exam.check.commands_not_found import commands_not_found
from pytest_examday.suites.exam.check.logs import logs
from pytest_examday.suites.exam.gates import DB_POOL
from pytest_examday.suites.exam.stored_exams.reconcile_ledgers import reads_database
from pytest_examday.suites.exam.workers.worker_address import api_of_worker
from pytest_examday.target.api import Reply
from pytest_examday.target.target import Target

_CALL_SECONDS = 5.0


def sources(target: Target, replies: Sequence[Reply] = ()) -> Iterator[CheckResult]:
    """A look at each log with the fields of its lines, at each metric, and at each service and job. `replies` are
    those to the requests so far, which the logs should have."""
    yield from logs(target, replies)
    yield from _metrics(target)
    yield from _runtime(target)


def _metrics(target: Target) -> Iterator[CheckResult]:
    described = target.environment.platform.contract.metrics
    if described is None:
        yield _pool_without_metrics(target)
        return
    found = scrape(target.api)
    if found is None:
        yield CheckResult("metrics", "wrong", "no Prometheus text came", "contract.metrics.operation")
        return
    for key, name in described.model_dump(exclude={"operation"}, exclude_none=True).items():
        if name in found:
            yield CheckResult(f"contract.metrics.{key}", "works", name)
        else:
            message = f"no metric {name}{did_you_mean_place(str(name), dict.fromkeys(found))}"
            yield CheckResult(f"contract.metrics.{key}", "wrong", message, f"contract.metrics.{key}")


def _pool_without_metrics(target: Target) -> CheckResult:
    lacking = "the contract names none; without them and without {}, the gate db-pool is INCONCLUSIVE"
    if target.environment.platform.contract.connection_limit is None:
        key = "contract.connection_limit"
    elif not reads_database(target):
        key = f"env.{target.environment.name}.database_url"
    else:
        return CheckResult("metrics", "untried", "the contract names none; busy connections are counted in PostgreSQL")
    return CheckResult("metrics", "untried", lacking.format(key), key, gates=(DB_POOL,))


def _addresses(target: Target, workers: tuple[str, ...]) -> Iterator[CheckResult]:
    """A look at each worker whose own address the runtime knows."""
    operation = target.environment.platform.contract.health_or_ready
    for worker in workers:
        api = api_of_worker(target, worker)
        if api is None:
            continue
        reply = api.call(operation, timeout=_CALL_SECONDS)
        if reply.accepted:
            yield CheckResult(f"address of {worker}", "works", f"{api.base_url} answers")
        else:
            url = f"{api.base_url}{operation.path}"
            message = f"{operation.method} {url}: {reply}; it is joined with the paths of the contract"
            key = f"env.{target.environment.name}.runtime.services.{worker}.address"
            yield CheckResult(f"address of {worker}", "wrong", message, key)


def _service(target: Target, role: Role, key: str) -> CheckResult:
    """A look at the service of one role. Only a role that the configuration names is wrong if it has no service."""
    settings, what = target.environment.runtime, f"service {role}"
    if isinstance(settings, ServiceNames) and role not in settings.model_fields_set:
        name = getattr(settings, role)
        if name not in target.runtime.services():
            message = f"no service is called {name!r}, and {key}.{role} names no other; what needs it is not tried"
            return CheckResult(what, "untried", message)
    try:
        service = target.runtime.service(role)
        if target.runtime.running(service):
            return CheckResult(what, "works", f"{service} runs")
    except Unmeasurable as reason:
        state: State = "wrong" if isinstance(settings, ServiceNames) else "untried"
        return CheckResult(what, state, str(reason), f"{key}.{role}")
    return CheckResult(what, "wrong", f"{service} does not run", f"{key}.{role}")


def _runtime(target: Target) -> Iterator[CheckResult]:
    runtime, key = target.runtime, f"env.{target.environment.name}.runtime"
    yield from commands_not_found(target)
    try:
        runtime.services()
    except Unmeasurable as reason:
        yield CheckResult("runtime", "wrong", str(reason), key)
        return
    absent = ("cache",) if target.environment.lacks_store("redis") else ()
    for role in (role for role in get_args(Role) if role not in absent):
        yield _service(target, role, key)
    try:
        workers = runtime.workers()
        yield CheckResult("workers", "works", ", ".join(workers))
        yield from _addresses(target, workers)
    except Unmeasurable as reason:
        yield CheckResult("workers", "untried", str(reason), key)
    for job in target.environment.platform.contract.jobs:
        try:
            runtime.require(job.name, "jobs")
            yield CheckResult(f"job {job.name}", "works", "the runtime can run it")
        except Unmeasurable as reason:
            yield CheckResult(f"job {job.name}", "wrong", str(reason), f"{key}.jobs")
