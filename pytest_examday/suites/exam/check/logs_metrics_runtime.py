"""Tries the sources that show how the platform is doing: its logs, its metrics and its runtime."""

from collections.abc import Iterator
from typing import get_args

from pytest_examday.errors import Unmeasurable
from pytest_examday.observe.metrics_scrape import scrape
from pytest_examday.runtimes.base import Role
from pytest_examday.suites.exam.check.check_result import CheckResult, did_you_mean_place
from pytest_examday.suites.exam.check.logs import logs
from pytest_examday.suites.exam.workers.worker_address import api_of_worker
from pytest_examday.target.target import Target

_CALL_SECONDS = 5.0


def sources(target: Target) -> Iterator[CheckResult]:
    """A look at each log with the fields of its lines, at each metric, and at each service and job."""
    yield from logs(target)
    yield from _metrics(target)
    yield from _runtime(target)


def _metrics(target: Target) -> Iterator[CheckResult]:
    described = target.environment.platform.contract.metrics
    if described is None:
        limit = target.environment.platform.contract.connection_limit
        instead = "the use of the pool is not judged" if limit is None else "busy connections are counted in PostgreSQL"
        yield CheckResult("metrics", "untried", f"the contract names none; {instead}")
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


def _runtime(target: Target) -> Iterator[CheckResult]:
    runtime, key = target.runtime, f"env.{target.environment.name}.runtime"
    absent = ("cache",) if target.environment.lacks_store("redis") else ()
    for role in (role for role in get_args(Role) if role not in absent):
        try:
            service = runtime.service(role)
            up = runtime.running(service)
        except Unmeasurable as reason:
            leave = "; leave it out if the platform has none" if role == "proxy" else ""
            yield CheckResult(f"service {role}", "untried", f"{reason}{leave}", key)
            continue
        if up:
            yield CheckResult(f"service {role}", "works", f"{service} runs")
        else:
            yield CheckResult(f"service {role}", "wrong", f"{service} does not run", f"{key}.{role}")
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
