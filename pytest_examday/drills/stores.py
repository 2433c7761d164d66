"""The stores behind a platform's operations. Each is asked directly, on a new connection, whether it answers."""

from collections.abc import Callable
from typing import NamedTuple

from pytest_examday.errors import Unmeasurable
from pytest_examday.target.target import Target


class Store(NamedTuple):
    """One store. `ask` returns whether it answers, and its answer or the reason in words."""

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
    """The stores that answer now. One that is out of reach before the fault would never be seen to recover."""
    return tuple(store for store in stores if store.ask()[0])
