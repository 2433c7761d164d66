"""A real PostgreSQL for scratch databases; under xdist every worker has its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_examday.suites.staging.migrations.own_server import own_server

from .small_chain import SmallChain


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a database on the server, as a superuser."""
    with own_server() as address:
        yield address


@pytest.fixture
def chain(tmp_path: Path, server: str) -> SmallChain:
    """A chain that is correct in every respect; tests plant a defect in it."""
    return SmallChain.correct(tmp_path, server)
