"""The target of a run: one platform under rehearsal as it is reached from here, and the files of the run."""

from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from pathlib import Path

from pytest_examday.config.engine import BUILT_IN, Engine
from pytest_examday.config.environment import Environment, Permission
from pytest_examday.guards.owner import Owner
from pytest_examday.guards.permission import refusal
from pytest_examday.guards.state_directory import state_directory_of
from pytest_examday.run.files import RunFiles
from pytest_examday.runtimes.base import Runtime
from pytest_examday.target.accounts import PlatformAccounts
from pytest_examday.target.api import Api
from pytest_examday.target.connections import Connections
from pytest_examday.target.embedded import EmbeddedPlatform
from pytest_examday.target.services import runtime_of


@dataclass(frozen=True, eq=False)
class Target:
    """One environment and its parts; nothing is started or connected before something needs it.

    `watch_pid` is the process of the run: an embedded platform ends with it, faults and locks name it as their owner.
    `confirmed`: a person confirmed that a production platform may be disturbed. `config` is the file from which the
    environment was read.
    """

    environment: Environment
    run: RunFiles
    watch_pid: int
    engine: Engine = BUILT_IN
    _: KW_ONLY
    confirmed: bool = False
    config: Path | None = None

    def __post_init__(self) -> None:
        self.run.redactor.learn_from(self.environment)

    @cached_property
    def embedded(self) -> EmbeddedPlatform:
        """The embedded platform, if the environment has it."""
        return EmbeddedPlatform(self.environment, self.run, self.watch_pid)

    @cached_property
    def connections(self) -> Connections:
        """How API, PostgreSQL and Redis are reached."""
        forbidden = self.refusal("write", "changing anything through the API")
        return Connections(self.environment, self.embedded, self.run.redactor, forbidden=forbidden)

    @property
    def api(self) -> Api:
        """Calls operations of the platform, for probes."""
        return self.connections.api

    @cached_property
    def accounts(self) -> PlatformAccounts:
        """The accounts of the candidates and of the administrator."""
        elsewhere = 0 if self.engine.results is None else self.environment.profile.load.candidates
        return PlatformAccounts(self.environment, self.run, self.embedded, self.connections, reserved=elsewhere)

    @cached_property
    def runtime(self) -> Runtime:
        """What stops and starts the services, delays their network, and reads them."""
        return runtime_of(self.environment, self.embedded)

    def refusal(self, permission: Permission, what: str) -> str | None:
        """Why `what` must not be done in this run, None where it may be."""
        return refusal(self.environment, permission, what, confirmed=self.confirmed)

    @property
    def owner(self) -> Owner:
        """The run, for whoever finds a fault or a lock of it later."""
        config = None if self.config is None else str(self.config)
        return Owner.of(self.watch_pid, self.environment.name, config, str(self.run.directory))

    @property
    def state_directory(self) -> Path:
        """The folder that outlives the run; the run directory for a platform that ends with the run."""
        return self.run.directory if self.environment.embedded else state_directory_of(self.environment)
