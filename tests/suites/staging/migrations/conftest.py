"""A real PostgreSQL for scratch databases; under xdist every worker has its own. It does not wait for the disk."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_examday.local_servers import ports
from pytest_examday.local_servers.postgres import OWNER, Postgres
from pytest_examday.local_servers.processes import Command

from .small_chain import SmallChain

_PASSWORD = "examday-tests"


class _FastPostgres(Postgres):
    def command(self) -> Command:
        command = super().command()
        return replace(command, argv=[*command.argv, "-c", "fsync=off", "-c", "full_page_writes=off"])


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database on the server, as a superuser."""
    folder = tmp_path_factory.mktemp("postgres")
    port = ports.pick()
    postgres = _FastPostgres(folder / "home", folder / "postgres.log", port, _PASSWORD, max_connections=20)
    asyncio.run(postgres.start())
    yield f"postgresql://{OWNER}:{_PASSWORD}@{ports.HOST}:{port}/postgres"
    asyncio.run(postgres.stop())


@pytest.fixture
def chain(tmp_path: Path, server: str) -> SmallChain:
    """A chain that is correct in every respect; tests plant a defect in it."""
    return SmallChain.correct(tmp_path, server)
