"""The fixtures: environment, auth token, API, database, cache, runtime, the rehearsal.

`session/evidence_fixtures.py` makes one more for each activity.

What one of them cannot measure raises Unmeasurable; the hooks make one line of it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.guards.guarded_runtime import guarded
from pytest_examday.runtimes.base import Runtime
from pytest_examday.session.rehearsal import REHEARSAL, Rehearsal
from pytest_examday.target.api import Api
from pytest_examday.target.connections import Connection

if TYPE_CHECKING:
    import redis

__all__ = ["api", "auth_token", "cache", "db", "environment", "rehearsal", "runtime"]


@pytest.fixture(scope="session")
def rehearsal(request: pytest.FixtureRequest) -> Rehearsal:
    """The rehearsal: its environment, run directory, evidence and judgements."""
    return request.config.stash[REHEARSAL]


@pytest.fixture(scope="session")
def environment(rehearsal: Rehearsal) -> Environment:
    """The environment that `--env` named."""
    return rehearsal.environment


@pytest.fixture(scope="session")
def api(rehearsal: Rehearsal) -> Api:
    """Calls operations of the platform's contract."""
    return rehearsal.target.api


@pytest.fixture(scope="session")
def auth_token(rehearsal: Rehearsal) -> str:
    """The token for admin operations: AUTH_TOKEN, or the configured admin's by logging in."""
    return rehearsal.target.accounts.auth_token()


@pytest.fixture
def db(rehearsal: Rehearsal) -> Iterator[Connection]:
    """A read-only connection to the platform's PostgreSQL."""
    with rehearsal.target.connections.database() as connection:
        yield connection


@pytest.fixture
def cache(rehearsal: Rehearsal) -> Iterator["redis.Redis"]:
    """A connection to the platform's Redis, only to be read where the environment does not allow `write`."""
    reason = rehearsal.target.refusal("write", "writing through the fixture cache")
    with rehearsal.target.connections.cache() as connection:
        yield connection if reason is None else _reading(connection, reason)


def _reading(connection: "redis.Redis", reason: str) -> "redis.Redis":
    from pytest_examday.guards.read_only_cache import ReadOnlyCache

    return ReadOnlyCache(connection, reason)


@pytest.fixture(scope="session")
def runtime(rehearsal: Rehearsal) -> Runtime:
    """What reads the platform's services, and stops and starts them where the environment allows `disrupt`."""
    return guarded(rehearsal.target.runtime, rehearsal.target.refusal)
