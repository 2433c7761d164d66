"""The fixtures of a rehearsal, apart from those of evidence, which `session/evidence_fixtures.py` makes from the
suites.

A fixture that cannot measure raises Unmeasurable; the test then fails with one line that says INCONCLUSIVE.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.runtimes.base import Runtime
from pytest_examday.session.rehearsal import REHEARSAL, Rehearsal
from pytest_examday.target.api import Api
from pytest_examday.target.database import Connection

if TYPE_CHECKING:
    import redis

__all__ = ["api", "auth_token", "db", "environment", "redis_client", "rehearsal", "runtime"]


@pytest.fixture(scope="session")
def rehearsal(request: pytest.FixtureRequest) -> Rehearsal:
    """The rehearsal: its environment, run directory, evidence and judgements."""
    return request.config.stash[REHEARSAL]


@pytest.fixture(scope="session")
def environment(rehearsal: Rehearsal) -> Environment:
    """The environment that `--env` names."""
    return rehearsal.environment


@pytest.fixture(scope="session")
def api(rehearsal: Rehearsal) -> Api:
    """Calls operations of the platform's contract; refuses to write unless the environment allows `write`."""
    return rehearsal.target.api


@pytest.fixture(scope="session")
def auth_token(rehearsal: Rehearsal) -> str:
    """The token for admin operations: AUTH_TOKEN, otherwise that of a login of the configured admin."""
    return rehearsal.target.accounts.auth_token()


@pytest.fixture
def db(rehearsal: Rehearsal) -> Iterator[Connection]:
    """A read-only connection to the platform's PostgreSQL."""
    with rehearsal.target.connections.database() as connection:
        yield connection


@pytest.fixture
def redis_client(rehearsal: Rehearsal) -> Iterator["redis.Redis"]:
    """A connection to the platform's Redis; it sends only reading commands unless the environment allows
    `write`."""
    with rehearsal.target.connections.cache() as connection:
        yield connection


@pytest.fixture(scope="session")
def runtime(rehearsal: Rehearsal) -> Runtime:
    """Reads the platform's services; stops and starts them if the environment allows `disrupt`."""
    return rehearsal.target.runtime
