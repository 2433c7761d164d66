"""Senses for services by their role: at the addresses of the environment, or through the platform's API."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pytest_examday.contract.operation import Operation
from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.sense import Ask, Lateness, Sense, Silence
from pytest_examday.runtimes.base import Role

if TYPE_CHECKING:
    from pytest_examday.target.target import Target

_CALL_SECONDS = 5.0


def away(target: "Target", role: Role) -> tuple[Sense, ...]:
    """Senses for a service that is stopped, killed or paused; none if the environment has no address of it."""
    if role in ("backend", "proxy"):
        return (Silence("the API", asking_api(target, target.environment.platform.contract.health_or_ready)),)
    if role == "database":
        url = _database_url(target)
        return (Silence(f"database_url{_place(url)}", asking_database(target)),) if url is not None else ()
    url = target.connections.redis_url
    return (Silence(f"redis_url{_place(url)}", asking_cache(target)),) if url is not None else ()


def late(target: "Target", role: Role, milliseconds: int) -> tuple[Sense, ...]:
    """Senses for a service whose network is delayed.

    A store may be reached by several ways, and only that of the platform counts. So a late store is felt through the
    API, by the operation that looks at the stores; if the platform has none, nobody feels it there.
    """
    contract = target.environment.platform.contract
    if role in ("backend", "proxy"):
        return (Lateness("health of the API", asking_api(target, contract.health_or_ready), milliseconds),)
    if contract.ready is None:
        return ()
    return (Lateness("ready of the API", asking_api(target, contract.ready), milliseconds),)


def asking_api(target: "Target", operation: Operation) -> Ask:
    """Calls one operation on a new connection."""

    def ask() -> tuple[bool, str]:
        reply = target.api.call(operation, timeout=_CALL_SECONDS)
        return reply.accepted, str(reply)

    return ask


def asking_database(target: "Target") -> Ask:
    """Asks PostgreSQL on a new connection."""

    def ask() -> tuple[bool, str]:
        try:
            with target.connections.database() as connection:
                connection.execute("SELECT 1")
        except Unmeasurable as problem:
            return False, target.run.redactor.clean(str(problem))
        return True, "replied"

    return ask


def asking_cache(target: "Target") -> Ask:
    """Asks Redis on a new connection."""
    import redis

    def ask() -> tuple[bool, str]:
        try:
            with target.connections.cache() as client:
                client.ping()
        except (Unmeasurable, redis.RedisError) as problem:
            return False, target.run.redactor.clean(str(problem))
        return True, "replied"

    return ask


def _database_url(target: "Target") -> str | None:
    try:
        return target.connections.database_url
    except Unmeasurable:
        return None


def _place(url: str) -> str:
    """Host and port of the address in brackets, without names, passwords and options; empty if it has another
    form."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    return "" if host is None else f" ({host})" if port is None else f" ({host}:{port})"
