"""The embedded webhook service as the configuration would describe it."""

from pathlib import Path

from pydantic import Field, ValidationError

from pytest_examday.errors import Unmeasurable
from pytest_examday.named_files import read_file
from pytest_examday.record import Record
from pytest_examday.suites.staging.migrations.embedded_preset import embedded_migrations
from pytest_examday.suites.staging.settings import StagingSettings
from pytest_examday.suites.staging.webhooks.embedded_preset import embedded_webhooks


class ServiceState(Record, extra="ignore"):
    """The contents of the state file `service.json`."""

    api_url: str
    database_url: str
    """As a superuser of the server."""
    owner_database_url: str
    """As the owner of the tables."""
    app_database_url: str
    """As the role of the application, which row-level security binds."""
    scheduler_database_url: str
    redis_url: str
    log_files: tuple[str, ...]
    control: str
    """The path of the socket at which its processes are stopped and started."""
    workers: dict[str, int | None] = Field({})
    """Name of an API process -> its process id."""
    secrets: dict[str, str]
    """Id of a company -> the secret with which its webhooks are signed."""
    admin_token: str
    accepted_per_hour: int
    """How many webhooks of one company are accepted in an hour."""

    @property
    def secret_texts(self) -> tuple[str, ...]:
        """What must not stand in any file of a run."""
        databases = (self.database_url, self.owner_database_url, self.app_database_url, self.scheduler_database_url)
        return (*databases, self.redis_url, *self.secrets.values(), self.admin_token)


def read_service_state(path: Path) -> ServiceState:
    """The state of a running service. Raises Unmeasurable if the file is missing or damaged."""
    try:
        return ServiceState.model_validate_json(read_file(path))
    except FileNotFoundError:
        start = f"python -m pytest_examday.webhook_service --dir {path.parent}"
        raise Unmeasurable(f"no service is running: {path} does not exist; start one with `{start}`") from None
    except (OSError, ValidationError) as problem:
        raise Unmeasurable(f"{path}: not a service's state: {str(problem).splitlines()[0]}") from None


def described(state: ServiceState, written: StagingSettings) -> StagingSettings:
    """The service as a table of the configuration; keys that are `written` there win."""
    preset = {
        "api_url": state.api_url,
        "database_url": state.database_url,
        "redis_url": state.redis_url,
        "log_files": state.log_files,
        "migrations": embedded_migrations(),
        "webhooks": embedded_webhooks(state.secrets, state.accepted_per_hour, state.admin_token),
    }
    given = {name: getattr(written, name) for name in written.model_fields_set}
    return StagingSettings.model_validate({**preset, **given})
