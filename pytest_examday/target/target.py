"""The target of a run: one platform as this process reaches it, and the files of the run."""

from contextlib import ExitStack
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from pathlib import Path

from pytest_examday.config.engine import BUILT_IN_ACTORS, Engine
from pytest_examday.config.environment import Environment, Permission
from pytest_examday.run.files import RunFiles
from pytest_examday.runtimes.base import Runtime
from pytest_examday.safety.owner import Owner
from pytest_examday.safety.permission import refusal
from pytest_examday.safety.restricted_runtime import restricted
from pytest_examday.safety.state_directory import state_directory_of
from pytest_examday.target.accounts import PlatformAccounts
from pytest_examday.target.api import Api
from pytest_examday.target.connections import Connections
from pytest_examday.target.embedded import EmbeddedPlatform
from pytest_examday.target.login_pace import LoginPace
from pytest_examday.target.runtime_of import runtime_of


@dataclass(frozen=True, eq=False)
class Target:
    """One environment and its parts; nothing is started or connected before it is needed."""

    environment: Environment
    files: RunFiles
    watch_pid: int
    """The process of the run. An embedded platform ends with it, and locks and faults name it as their owner."""
    engine: Engine = BUILT_IN_ACTORS
    _: KW_ONLY
    confirmed: bool = False
    """Whether a person has confirmed that a production platform may be disturbed."""
    judges_again: bool = False
    """Whether the run judges what an earlier run has measured. It then starts no platform."""
    config: Path | None = None
    """The file from which the environment was read."""

    def __post_init__(self) -> None:
        self.files.redactor.learn_from(self.environment)

    @cached_property
    def embedded(self) -> EmbeddedPlatform:
        """The embedded platform, if the environment has it."""
        return EmbeddedPlatform(self.environment, self.files, self.watch_pid, judges_again=self.judges_again)

    @cached_property
    def connections(self) -> Connections:
        """The connections to API, PostgreSQL and Redis."""
        forbidden = self.refusal("write", "changing anything through the API")
        return Connections(
            self.environment,
            self.embedded,
            self.files.redactor,
            forbidden=forbidden,
            redis_forbidden=self.refusal("write", "writing to Redis"),
            admin=self._admin_token,
            pace=self.login_pace,
            opened=self.files.note_opened,
        )

    def _admin_token(self, refused: str | None) -> str:
        # Accounts need connections, so they are made when the token is wanted.
        return self.accounts.admin_token(refused)

    @cached_property
    def until_the_end(self) -> ExitStack:
        """What this process has changed until the end of the run, and undoes when it has done its part."""
        return ExitStack()

    @property
    def login_pace(self) -> LoginPace | None:
        """The limit to the rate of this run's log-ins; None if the environment declares none."""
        candidates = self.environment.candidates
        if candidates is None or candidates.logins_per_second is None:
            return None
        return LoginPace(file=self.files.directory / ".logins", per_second=candidates.logins_per_second)

    @property
    def api(self) -> Api:
        """Calls operations of the platform's API."""
        return self.connections.api

    @cached_property
    def accounts(self) -> PlatformAccounts:
        """The accounts of the candidates and of the administrator."""
        elsewhere = 0 if self.engine.results is None else self.environment.profile.load.candidates
        return PlatformAccounts(self.environment, self.files, self.embedded, self.connections, reserved=elsewhere)

    @cached_property
    def runtime(self) -> Runtime:
        """Reads the platform's services; stops and starts them and delays their network if the run may disrupt."""
        return restricted(runtime_of(self.environment, self.embedded), self.refusal)

    def refusal(self, permission: Permission, what: str) -> str | None:
        """The reason why this run must not do `what`; None if it may."""
        return refusal(self.environment, permission, what, confirmed=self.confirmed)

    @property
    def owner(self) -> Owner:
        """This run as the owner of its locks and faults."""
        config = None if self.config is None else str(self.config)
        return Owner.of(self.watch_pid, self.environment.name, config, str(self.files.directory))

    @property
    def state_directory(self) -> Path:
        """The state directory; the run directory if the platform ends with the run."""
        return self.files.directory if self.environment.embedded else state_directory_of(self.environment)
