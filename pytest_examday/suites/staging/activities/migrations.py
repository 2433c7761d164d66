"""Phase 1: the chain of migrations is rehearsed on scratch databases."""

from typing import TYPE_CHECKING

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.migrations.evidence import MigrationsEvidence
from pytest_examday.suites.staging.migrations.own_server import own_server
from pytest_examday.suites.staging.migrations.rehearse import rehearse
from pytest_examday.suites.staging.migrations.settings import MigrationsSettings
from pytest_examday.suites.staging.service import NAME, reached

if TYPE_CHECKING:
    from pytest_examday.target.target import Target


def gather(target: "Target") -> MigrationsEvidence:
    """Rehearse the chain that the configuration describes; raises Unmeasurable as `gather_migrations` does."""
    settings = reached(target).settings
    database = None if settings.database_url is None else settings.database_url.get_secret_value()
    target.files.progress.say("migrations: forward, back and again on scratch databases")
    return gather_migrations(settings.migrations, database, f"env.{target.environment.name}.{NAME}")


def gather_migrations(settings: MigrationsSettings | None, database_url: str | None, place: str) -> MigrationsEvidence:
    """Rehearse the chain. `database_url` is the address of the staging database, whose server is used if the settings
    name no other. `place` are the keys of the table of the staging suite, for example `env.staging.staging`.

    Raises Unmeasurable with the key to write if the chain or its server is not described.
    """
    if settings is None:
        raise Unmeasurable(f"no migrations are described; write [{place}.migrations]")
    if settings.embedded:
        with own_server() as address:
            return rehearse(settings, address)
    server_url = database_url if settings.server_url is None else settings.server_url.get_secret_value()
    if server_url is None:
        raise Unmeasurable(
            f"scratch databases need a server; set {place}.migrations.server_url or {place}.database_url"
        )
    return rehearse(settings, server_url, database_url)
