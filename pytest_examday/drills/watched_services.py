"""The stores and workers whose recovery is watched. Each is called directly, on a new connection."""

from typing import NamedTuple

from pytest_examday.faults.role_senses import cache_asker, database_asker
from pytest_examday.faults.sense import Ask
from pytest_examday.target.target import Target


class WatchedService(NamedTuple):
    """One store or worker. `ask` returns whether it replies, and its reply or the reason in words."""

    name: str
    ask: Ask


def database(target: Target) -> WatchedService:
    """The platform's PostgreSQL."""
    return WatchedService("database", database_asker(target))


def cache(target: Target) -> WatchedService:
    """The platform's Redis."""
    return WatchedService("cache", cache_asker(target))


def reachable(services: tuple[WatchedService, ...]) -> tuple[WatchedService, ...]:
    """The services that reply now. One that is out of reach before the fault could not recover after it."""
    return tuple(service for service in services if service.ask()[0])
