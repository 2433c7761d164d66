"""The preflight of the staging suite: reach the service, its database and its Redis once, so that a dead service is
reported once and not by every line."""

import time
from typing import TYPE_CHECKING

import httpx
import redis

from pytest_examday.bounded_transport import BoundedTransport
from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.embedded_runtime import EMBEDDED
from pytest_examday.suites.staging.evidence import StagingPreflight
from pytest_examday.suites.staging.service import NAME, reached
from pytest_examday.suites.staging.settings import StagingSettings
from pytest_examday.target.api import ignored_proxies
from pytest_examday.target.database import read_only

if TYPE_CHECKING:
    from pytest_examday.target.target import Target

_SECONDS = 10.0
_NOT_CONFIGURED = "not configured"


def gather(target: "Target") -> StagingPreflight:
    """Reach everything that has an address.

    Raises Unmeasurable if nothing has one; and, with all reasons in one text, if something that has one does not
    answer, or if the service redirects its callers.
    """
    clock = time.perf_counter()
    service = reached(target)
    settings, place = service.settings, f"env.{target.environment.name}.{NAME}"
    if settings.api_url is None and settings.database_url is None and settings.redis_url is None:
        raise Unmeasurable(f"{place} gives no address of the service: api_url, database_url and redis_url are not set")
    problems: list[str] = []
    found = {}
    for what, reach in (("service", _service), ("database", _database), ("cache", _cache)):
        try:
            found[what] = reach(settings)
        except Unmeasurable as reason:
            problems.append(target.files.redactor.clean(str(reason)))
    if problems:
        raise Unmeasurable("; ".join(problems))
    return StagingPreflight(
        api_url=_NOT_CONFIGURED if settings.api_url is None else str(settings.api_url).rstrip("/"),
        runtime=EMBEDDED if service.embedded is not None else "none",
        reached_seconds=round(time.perf_counter() - clock, 3),
        **found,
    )


def _service(settings: StagingSettings) -> str:
    if settings.api_url is None:
        return _NOT_CONFIGURED
    url = str(settings.api_url).rstrip("/")
    try:
        with httpx.Client(
            transport=BoundedTransport(httpx.create_ssl_context()), timeout=_SECONDS, trust_env=False
        ) as client:
            reply = client.get(f"{url}{settings.health}")
    except httpx.HTTPError as problem:
        why = str(problem) or type(problem).__name__
        raise Unmeasurable(f"the service at {url} does not reply: {why}{ignored_proxies(url)}") from None
    if reply.is_redirect:
        raise Unmeasurable(f"the service at {url} redirects its callers (HTTP {reply.status_code}); correct api_url")
    return f"HTTP {reply.status_code}"


def _database(settings: StagingSettings) -> str:
    import psycopg

    if settings.database_url is None:
        return _NOT_CONFIGURED
    try:
        with read_only(settings.database_url.get_secret_value()) as connection:
            row = connection.execute("SELECT current_setting('server_version') AS version").fetchone()
    except psycopg.Error as problem:
        raise Unmeasurable(f"the database cannot be reached: {_first_line(problem)}") from None
    return "PostgreSQL" if row is None else f"PostgreSQL {row['version']}"


def _cache(settings: StagingSettings) -> str:
    if settings.redis_url is None:
        return _NOT_CONFIGURED
    url = settings.redis_url.get_secret_value()
    try:
        with redis.Redis.from_url(url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS) as connection:
            return f"Redis {connection.info('server')['redis_version']}"
    except redis.RedisError as problem:
        raise Unmeasurable(f"Redis cannot be reached: {_first_line(problem)}") from None


def _first_line(problem: Exception) -> str:
    return (str(problem).strip() or type(problem).__name__).splitlines()[0]
