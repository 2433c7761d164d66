"""Senses for services by their role: at the addresses of the environment, or through the platform's API."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pytest_examday.contract.operation import Operation
from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.sense import Ask, DelaySense, Sense, SilenceSense
from pytest_examday.runtimes.base import Role

if TYPE_CHECKING:
    from pytest_examday.target.target import Target

_CALL_SECONDS = 5.0


def silence_senses(target: "Target", role: Role) -> tuple[Sense, ...]:
    """Senses for a service that is stopped, killed or paused; none if the environment has no address of it."""
    if role in ("backend", "proxy"):
        return (SilenceSense("the API", api_asker(target, target.environment.platform.contract.health_or_ready)),)
    if role == "database":
        url = _database_url(target)
        return (SilenceSense(f"database_url{_place(url)}", database_asker(target)),) if url is not None else ()
    url = target.connections.redis_url
    return (SilenceSense(f"redis_url{_place(url)}", cache_asker(target)),) if url is not None else ()


def delay_senses(target: "Target", role: Role, milliseconds: int) -> tuple[Sense, ...]:
    """Senses for a service whose network is delayed.

    The platform may reach a store by another way than the rehearsal does, and only the platform's way is delayed. So
    the delay of a store is observed through the API, by the operation that calls the stores. None if the platform has
    no such operation.
    """
    contract = target.environment.platform.contract
    if role in ("backend", "proxy"):
        return (DelaySense("health of the API", api_asker(target, contract.health_or_ready), milliseconds),)
    if contract.ready is None:
        return ()
    return (DelaySense("ready of the API", api_asker(target, contract.ready), milliseconds),)


def api_asker(target: "Target", operation: Operation) -> Ask:
    """A function that calls one operation of the API on a new connection."""

    def ask() -> tuple[bool, str]:
        reply = target.api.call(operation, timeout=_CALL_SECONDS)
        return reply.accepted, str(reply)

    return ask


def database_asker(target: "Target") -> Ask:
    """A function that sends a statement to PostgreSQL on a new connection."""

    def ask() -> tuple[bool, str]:
        try:
            with target.connections.database() as connection:
                connection.execute("SELECT 1")
        except Unmeasurable as problem:
            return False, target.files.redactor.clean(str(problem))
        return True, "replied"

    return ask


def cache_asker(target: "Target") -> Ask:
    """A function that sends a command to Redis on a new connection."""
    import redis

    def ask() -> tuple[bool, str]:
        try:
            with target.connections.cache() as client:
                client.ping()
        except (Unmeasurable, redis.RedisError) as problem:
            return False, target.files.redactor.clean(str(problem))
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
