"""The stores behind a platform's operations, asked directly: whether they answer us on a connection of their own."""

from collections.abc import Callable
from typing import NamedTuple

from pytest_examday.errors import Unmeasurable
from pytest_examday.target.target import Target


class Store(NamedTuple):
    """One store; `ask` says whether it answers, and what it said."""

    name: str
    ask: Callable[[], tuple[bool, str]]


def database(target: Target) -> Store:
    """The platform's PostgreSQL."""

    def ask() -> None:
        with target.connections.database() as connection:
            connection.execute("SELECT 1")

    return _store("database", target, ask)


def cache(target: Target) -> Store:
    """The platform's Redis."""

    def ask() -> None:
        with target.connections.cache() as client:
            client.ping()

    return _store("cache", target, ask)


def _store(name: str, target: Target, ask: Callable[[], None]) -> Store:
    import redis

    def answers() -> tuple[bool, str]:
        try:
            ask()
        except (Unmeasurable, redis.RedisError) as problem:
            return False, target.run.redactor.clean(str(problem))
        return True, "answered"

    return Store(name, answers)


def reachable(stores: tuple[Store, ...]) -> tuple[Store, ...]:
    """Those that answer now. A store that is out of reach before the fault cannot be seen to return after it."""
    return tuple(store for store in stores if store.ask()[0])
