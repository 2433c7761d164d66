"""The stores behind a platform's operations. Each is called directly, on a new connection."""

from typing import NamedTuple

from pytest_examday.faults.role_senses import asking_cache, asking_database
from pytest_examday.faults.sense import Ask
from pytest_examday.target.target import Target


class Store(NamedTuple):
    """One store. `ask` returns whether it replies, and its reply or the reason in words."""

    name: str
    ask: Ask


def database(target: Target) -> Store:
    """The platform's PostgreSQL."""
    return Store("database", asking_database(target))


def cache(target: Target) -> Store:
    """The platform's Redis."""
    return Store("cache", asking_cache(target))


def reachable(stores: tuple[Store, ...]) -> tuple[Store, ...]:
    """The stores that reply now. A store that is out of reach before the fault would never be seen to recover."""
    return tuple(store for store in stores if store.ask()[0])
