"""The preflight: reach every part of the platform before anything is done, so that a dead API is reported once and not
by every line."""

import time

import redis

from pytest_examday.contract.contract import ROOT
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.preflight_evidence import PreflightEvidence
from pytest_examday.faults.leftovers import take_out_leftovers
from pytest_examday.target.api import ignored_proxies
from pytest_examday.target.database_role import write_permission_in_words
from pytest_examday.target.target import Target

_BEGINNING = 1000
"""Characters of a reply that are searched for `<html`, to recognise a web page."""


def gather(target: Target) -> PreflightEvidence:
    """Take out faults that an earlier run has left in, then reach API, database, Redis and runtime once.

    Raises Unmeasurable if such a fault cannot be shown to be gone; and if the API does not reply, redirects its
    callers, or replies with a web page.
    """
    healed = take_out_leftovers(target, "the next run")
    clock = time.perf_counter()
    ready = target.api.call(target.environment.platform.contract.ready_or_health)
    if ready.status is None:
        url = target.connections.api_url
        message = f"the API at {url} does not reply: {ready}{ignored_proxies(url)}"
        raise Unmeasurable(f"{message}{target.embedded.next_step}")
    if ready.redirect is not None:
        key = f"env.{target.environment.name}.api_url"
        raise Unmeasurable(f"the API at {target.connections.api_url} redirects its callers: {ready}; correct {key}")
    if ready.operation != ROOT and ready.body is None and "<html" in ready.text[:_BEGINNING].lower():
        raise Unmeasurable(
            f"{target.connections.api_url} replies with a web page (HTTP {ready.status}), not with JSON: is "
            f"env.{target.environment.name}.api_url the address of the API, its path prefix included?"
        )
    found = PreflightEvidence(
        api_url=target.connections.api_url,
        ready={name: _text(ready.find(name)) for name in ready.operation.finds} | {"http": str(ready.status)},
        database=_database(target),
        cache=_cache(target),
        runtime=target.runtime.kind,
        services=target.runtime.services(),
        healed=healed,
        reached_seconds=round(time.perf_counter() - clock, 3),
        clock_skew=_clock_skew(target),
    )
    for worker, skew in found.skewed.items():
        target.files.progress.say(f"the clock of {worker} is {skew:+.1f} s off ours: its log lines may be missed")
    return found


def _clock_skew(target: Target) -> dict[str, float | None]:
    """The clock skew of every worker in seconds, because log lines are found by their times."""
    try:
        workers = target.runtime.workers()
    except Unmeasurable:
        return {}
    return {worker: _skew_of(target, worker) for worker in workers}


def _skew_of(target: Target, worker: str) -> float | None:
    try:
        return round(target.runtime.clock_skew(worker), 3)
    except Unmeasurable:
        return None


def _database(target: Target) -> str:
    try:
        with target.connections.database() as connection:
            row = connection.execute("SELECT version() AS version").fetchone()
            writes = write_permission_in_words(connection)
    except Unmeasurable as reason:
        return f"not reached: {reason}"
    if row is None:
        return "not reached: it returned nothing"
    version = str(row["version"]).split(" on ")[0]
    if writes is None:
        return version
    target.files.progress.say(f"the database: {writes}")
    return f"{version}; {writes}"


def _cache(target: Target) -> str:
    if target.environment.lacks_store("redis"):
        return "the platform has none"
    try:
        with target.connections.cache() as connection:
            return f"Redis {connection.info('server')['redis_version']}"
    except (Unmeasurable, redis.RedisError) as reason:
        return f"not reached: {reason}"


def _text(value: object) -> str | None:
    return None if value is None else str(value)
