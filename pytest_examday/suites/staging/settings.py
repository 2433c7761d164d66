"""The table `[env.NAME.staging]` of the configuration."""

from typing import Annotated

from pydantic import Field, HttpUrl

from pytest_examday.config.addresses import DatabaseUrl, RedisUrl
from pytest_examday.config.beside_configuration import ConfiguredPath
from pytest_examday.record import DESCRIBED_FIELDS, Record
from pytest_examday.suites.staging.migrations.settings import MigrationsSettings
from pytest_examday.suites.staging.webhooks.settings import Webhooks


class StagingSettings(Record):
    """The service under rehearsal. Each section of the report has a table of its own below this one; a section without
    its table is INCONCLUSIVE."""

    model_config = DESCRIBED_FIELDS

    api_url: HttpUrl | None = None
    """The address of the service."""
    health: Annotated[str, Field(pattern=r"^/\S*$")] = "/health"
    """The path that is requested to find out if the service replies."""
    database_url: DatabaseUrl | None = None
    """The database of the service. It is only read."""
    redis_url: RedisUrl | None = None
    """The Redis of the service."""
    log_files: tuple[ConfiguredPath, ...] = ()
    """The log files of the service, patterns allowed."""
    migrations: MigrationsSettings | None = None
    """Section 1: the chain of migrations, and on which server it is rehearsed."""
    webhooks: Webhooks | None = None
    """Section 2: how webhooks are sent, and where their effects are found."""
    state: ConfiguredPath | None = None
    """The file `service.json` of an embedded webhook service that runs already. Keys of this table win over what it
    says."""
