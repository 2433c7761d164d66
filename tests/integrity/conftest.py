"""A real PostgreSQL for the queries; under xdist every worker has its own."""

import asyncio
from collections.abc import Iterator
from importlib import resources

import psycopg
import pytest
from psycopg.rows import dict_row

from pytest_examday.platform import ports
from pytest_examday.platform.postgres import OWNER, Postgres
from pytest_examday.target.database import Connection

_PASSWORD = "examday-tests"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database with the reference platform's tables."""
    folder = tmp_path_factory.mktemp("postgres")
    port = ports.pick()
    postgres = Postgres(folder / "home", folder / "postgres.log", port, _PASSWORD, max_connections=10)
    asyncio.run(postgres.start())
    url = f"postgresql://{OWNER}:{_PASSWORD}@{ports.HOST}:{port}/postgres"
    with psycopg.connect(url, connect_timeout=5) as connection:
        schema = resources.files("pytest_examday.platform").joinpath("schema.sql").read_text()
        connection.execute(schema.encode())
    yield url
    asyncio.run(postgres.stop())


@pytest.fixture
def connection(server: str) -> Iterator[Connection]:
    """A connection whose work is undone; foreign keys sleep, as they do on platforms that have none."""
    with psycopg.connect(server, connect_timeout=5, row_factory=dict_row) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection
        connection.rollback()
