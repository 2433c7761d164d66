"""A real PostgreSQL for the chain of migrations; under xdist every worker has its own."""

import asyncio
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from pytest_examday.local_servers import ports
from pytest_examday.local_servers.postgres import OWNER, Postgres
from pytest_examday.webhook_service import chain

from .chain_database import Scratch, Server, scratch
from .service_harness import Company, WebhookService, processes_of

_PASSWORD = "examday-tests"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the roles of the service."""
    folder = tmp_path_factory.mktemp("postgres")
    made = Server(ports.pick(), _PASSWORD)
    postgres = Postgres(folder / "home", folder / "postgres.log", made.port, _PASSWORD, max_connections=20)
    asyncio.run(postgres.start())
    with psycopg.connect(made.url("postgres", OWNER), autocommit=True) as connection:
        chain.apply(connection, chain.roles())
        chain.apply(connection, chain.roles())  # a second time, as beside another database of the same server
        for role in ("webhook_owner", "webhook_app", "webhook_scheduler"):
            connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), _PASSWORD))
    yield made
    asyncio.run(postgres.stop())


@pytest.fixture
def database(server: Server) -> Iterator[Scratch]:
    """An empty database."""
    with scratch(server, "scratch") as made:
        yield made


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebhookService]:
    """The service as it comes, with more companies than there are tests, and with a low limit of webhooks."""
    directory = tmp_path_factory.mktemp("webhooks")
    running = WebhookService(directory, "--companies", 80, "--rate-limit", 70, "--schedulers", 2)
    yield running
    assert running.end() == 0
    assert running.errors == ""
    assert processes_of(directory) == []


@pytest.fixture
def company(service: WebhookService) -> Company:
    """A company that no other test uses."""
    return service.company()
