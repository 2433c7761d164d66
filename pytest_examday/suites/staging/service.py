"""The service under rehearsal: the one that the configuration describes, or the embedded webhook service."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_examday.config.environment import Environment
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.settings import StagingSettings

if TYPE_CHECKING:
    from pytest_examday.suites.staging.embedded_service import ServiceState
    from pytest_examday.target.target import Target

NAME = "staging"
"""The name of the suite, and of its table in the configuration."""


@dataclass(frozen=True)
class ReachedService:
    """The service, with all addresses that are known."""

    settings: StagingSettings
    embedded: "ServiceState | None" = None
    """What the state file of the embedded service says; None if the service is another one."""


def starts_a_service(environment: Environment) -> bool:
    """Whether a run starts the embedded service: the environment is an embedded one, and its table names no other
    service."""
    table = environment.table_of(NAME, StagingSettings) or StagingSettings()
    return environment.embedded and table.api_url is None and table.state is None


def reached(target: "Target") -> ReachedService:
    """The service of this run; the embedded one is started if it does not run yet.

    Raises Unmeasurable if it does not start, or if its state file cannot be read.
    """
    written = target.environment.table_of(NAME, StagingSettings) or StagingSettings()
    if not (starts_a_service(target.environment) or written.state is not None):
        return ReachedService(written)
    from pytest_examday.suites.staging.embedded_service import described, read_service_state

    if target.judges_again:
        raise Unmeasurable("an earlier run is judged, and its embedded service has ended: there is nothing to read")
    state = read_service_state(_start(target) if written.state is None else written.state)
    target.files.redactor.learn(*state.secret_texts)
    return ReachedService(described(state, written), state)


def _start(target: "Target") -> Path:
    from pytest_examday.runtimes.embedded_server import start_server
    from pytest_examday.runtimes.start_embedded import WEBHOOK_SERVICE

    note = target.files.directory / WEBHOOK_SERVICE.note
    if not note.exists():
        target.files.progress.say("starting the embedded webhook service: PostgreSQL, Redis, workers")
    log = target.files.logs / "webhook_service.log"
    return start_server(WEBHOOK_SERVICE, note, (), target.watch_pid, log).state
