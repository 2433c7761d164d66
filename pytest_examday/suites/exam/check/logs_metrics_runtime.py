"""Tries the sources that show how the platform is doing: its logs, its metrics and its runtime."""

import time
from collections import Counter, deque
from collections.abc import Iterator
from glob import glob
from typing import Any, get_args

from pytest_examday.contract.log_format import LogFormat
from pytest_examday.contract.search import search
from pytest_examday.contract.values import cut
from pytest_examday.errors import Unmeasurable
from pytest_examday.observe.log_reader import decoder_of
from pytest_examday.observe.metrics_scrape import scrape
from pytest_examday.runtimes.base import Role
from pytest_examday.suites.exam.check.check_result import CheckResult, did_you_mean_place, shape
from pytest_examday.suites.exam.worker_address import api_of_worker
from pytest_examday.target.target import Target

_RECENT_SECONDS = 600
_CALL_SECONDS = 5.0
_LINES = 2000
"""The number of lines at the end of a log that are looked at."""
_FIELDS = ("timestamp", "level", "request_id", "route", "status", "total_ms", "user")


def sources(target: Target) -> Iterator[CheckResult]:
    """A look at each log with the fields of its lines, at each metric, and at each service and job."""
    yield from _logs(target)
    yield from _metrics(target)
    yield from _runtime(target)


def _logs(target: Target) -> Iterator[CheckResult]:
    key = f"env.{target.environment.name}.{'logs' if target.environment.log_command is None else 'log_command'}"
    for pattern in target.environment.logs:
        if not glob(pattern):  # noqa: PTH207 # may be absolute
            yield CheckResult("logs", "wrong", f"no file matches {pattern}", key)
    try:
        form, names = target.environment.platform.log_format, target.runtime.log_sources()
    except Unmeasurable as reason:
        yield CheckResult("logs", "untried", str(reason), key)
        return
    if not names:
        yield CheckResult("logs", "wrong", "no log files are known", key)
        return
    decoder = decoder_of(form, ())
    bodies: list[dict[str, Any]] = []
    last = ""
    for name in names:
        try:
            lines = list(deque(target.runtime.logs(name, time.time() - _RECENT_SECONDS), _LINES))
        except Unmeasurable as reason:
            yield CheckResult(f"log {name}", "wrong", str(reason), key)
            continue
        read = [body for line in lines if (body := decoder.body(line.encode())) is not None]
        bodies += read
        what = "are JSON" if form.pattern is None else "are as the pattern says"
        yield CheckResult(
            f"log {name}", "works" if read else "untried", f"{len(read)} of the last {len(lines)} lines {what}"
        )
        last = lines[-1] if lines else last
    if bodies:
        yield from _fields(form, bodies)
    else:
        message = f"no line of any log can be read; the last one is {cut(last)}"
        yield CheckResult("log_format", "wrong", message, "log_format.pattern")


def _fields(form: LogFormat, bodies: list[dict[str, Any]]) -> Iterator[CheckResult]:
    """The fields of the lines about requests."""
    requests = [body for body in bodies if search(form.request_when, body)]
    if not requests:
        message = f"no line of {len(bodies)} is about a request; a line holds {shape(bodies[-1])}"
        yield CheckResult("log_format.request_when", "wrong", message, "log_format.request_when")
        return
    found: Counter[str] = Counter()
    places = {name: place for name in _FIELDS if (place := getattr(form, name)) is not None}
    for body in requests:
        found.update(name for name, place in places.items() if search(place, body) is not None)
    for name, place in places.items():
        what = f"log_format.{name}"
        if found[name]:
            yield CheckResult(what, "works", f"{found[name]} of {len(requests)} lines about requests")
        else:
            message = f"nothing at {place}; a line holds {shape(requests[-1])}{did_you_mean_place(place, requests[-1])}"
            yield CheckResult(what, "wrong", message, what)


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
    absent = ("cache",) if target.environment.without("redis") else ()
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
