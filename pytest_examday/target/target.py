"""The target: the platform under rehearsal as it is reached from here, and the run directory beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg.rows import dict_row
from pydantic import SecretStr

from pytest_examday.config.environment import (
    Account,
    CandidateAccounts,
    CountedAccounts,
    Environment,
    Permission,
)
from pytest_examday.config.hosts import hosts_of, is_loopback, named_hosts
from pytest_examday.config.runtimes import CommandRuntime, DockerRuntime, PlatformRuntime
from pytest_examday.contract import reference
from pytest_examday.contract.logformat import LogFormat
from pytest_examday.contract.operations import Contract
from pytest_examday.contract.schema import Schema
from pytest_examday.errors import Unmeasurable
from pytest_examday.guards.owner import Owner
from pytest_examday.guards.permission import refusal
from pytest_examday.guards.state_directory import state_directory_of
from pytest_examday.load.load_engine import BUILT_IN, Engine
from pytest_examday.run.progress import ProgressFile
from pytest_examday.run.redaction import Redactor
from pytest_examday.run.store import EvidenceStore
from pytest_examday.runtimes import command, docker
from pytest_examday.runtimes import platform as embedded
from pytest_examday.runtimes.base import Runtime
from pytest_examday.runtimes.none import NoServices
from pytest_examday.runtimes.toxiproxy import behind_toxiproxy
from pytest_examday.target.api import Api, Login

if TYPE_CHECKING:
    import redis

_STATEMENT_TIMEOUT_SECONDS = 60
Connection = psycopg.Connection[dict[str, object]]


class Target:
    """One environment, opened lazily: nothing is started or connected before something needs it."""

    def __init__(
        self,
        environment: Environment,
        directory: Path,
        redactor: Redactor,
        watch_pid: int,
        engine: Engine = BUILT_IN,
        *,
        confirmed: bool = False,
        config: Path | None = None,
    ) -> None:
        self.environment = environment
        self.engine = engine
        self.directory = directory
        self.config = config
        self.confirmed = confirmed
        self.redactor = redactor
        self.store = EvidenceStore(directory, redactor)
        self.progress = ProgressFile(directory / "progress.jsonl")
        self._watch_pid = watch_pid
        redactor.learn_from(environment)

    def refusal(self, permission: Permission, what: str) -> str | None:
        """Why `what` must not be done in this run, None where it may be."""
        return refusal(self.environment, permission, what, confirmed=self.confirmed)

    @property
    def owner(self) -> Owner:
        """The run, for whoever finds a fault or a lock of it later."""
        config = None if self.config is None else str(self.config)
        return Owner.of(self._watch_pid, self.environment.name, config, str(self.directory))

    @property
    def state_directory(self) -> Path:
        """The folder that outlives the run; the run directory for a platform that ends with the run."""
        return self.directory if self.environment.embedded else state_directory_of(self.environment)

    @property
    def attached(self) -> Environment:
        """The environment as another process reaches it: a platform that this run started is attached to."""
        if self._state_path is None:
            return self.environment
        return self.environment.model_copy(update={"runtime": PlatformRuntime(kind="platform", state=self._state_path)})

    @property
    def contract(self) -> Contract:
        """How the platform is spoken to."""
        return reference.CONTRACT

    @property
    def schema(self) -> Schema:
        """How its tables are read."""
        return reference.SCHEMA

    @property
    def log_format(self) -> LogFormat:
        """How its log lines are read."""
        return reference.LOG_FORMAT

    @cached_property
    def state(self) -> embedded.PlatformState | None:
        """The state of the embedded platform, which is started here if nobody has; None for any other platform."""
        path = self._state_path
        if path is None:
            return None
        state = embedded.read_state(path)
        self.redactor.learn(state.database_url, state.redis_url, state.admin.password, state.candidates.password)
        self._refuse_unnamed(path, state)
        return state

    def _refuse_unnamed(self, path: Path, state: embedded.PlatformState) -> None:
        """A state file may send the rehearsal to this machine and to hosts that the environment names."""
        named = named_hosts(self.environment)
        for address in (state.api_url, state.database_url, state.redis_url):
            for host in sorted(hosts_of(address) - named):
                if not is_loopback(host):
                    raise Unmeasurable(
                        f"{path} leads to the host {host}, which the environment does not name; "
                        f"if that is meant, add it to env.{self.environment.name}.hosts"
                    )

    @cached_property
    def _state_path(self) -> Path | None:
        runtime = self.environment.runtime
        if not isinstance(runtime, PlatformRuntime):
            return None
        if runtime.state is not None:
            return runtime.state
        self.progress.say("starting the embedded platform: PostgreSQL, Redis, workers")
        needs = self.environment.profile.embedded
        wanted = embedded.Wanted(runtime.workers, needs.accounts, links=needs.links, proxy=needs.proxy)
        started = embedded.start_embedded(
            self.directory / ".platform", wanted, self._watch_pid, self.directory / "logs" / "platform.log"
        )
        return started.state

    @cached_property
    def runtime(self) -> Runtime:
        """What stops and starts the services, and makes their network late."""
        return behind_toxiproxy(self._own_runtime(), self.environment.toxiproxy)

    def _own_runtime(self) -> Runtime:
        if self._state_path is not None:
            return embedded.PlatformRuntime(self._state_path)
        files = tuple(sorted(path for pattern in self.environment.logs for path in glob(pattern)))  # noqa: PTH207 # may be absolute
        configured = self.environment.runtime
        if isinstance(configured, DockerRuntime):
            return docker.DockerRuntime(configured, self.environment.name, files)
        if isinstance(configured, CommandRuntime):
            return command.CommandRuntime(configured, self.environment.name, files)
        return NoServices(self.environment.name, files)

    @cached_property
    def api_url(self) -> str:
        """The address of the API without a slash at its end; the configuration's wins over the platform's own."""
        if self.environment.api_url is not None:
            return str(self.environment.api_url).rstrip("/")
        if self.state is not None:
            return self.state.api_url.rstrip("/")
        raise Unmeasurable(f"env.{self.environment.name}.api_url is not set, nor is the variable API_URL")

    @cached_property
    def api(self) -> Api:
        """For probes; it refuses to write where the environment may only be read."""
        return Api(
            self.api_url,
            self.contract,
            named=named_hosts(self.environment) | hosts_of(self.api_url),
            forbidden=self.refusal("write", "changing anything through the API"),
        )

    @property
    def database_url(self) -> str:
        """The read-only address of PostgreSQL; raises Unmeasurable where none is configured."""
        if self.environment.database_url is not None:
            return self.environment.database_url.get_secret_value()
        if self.state is not None:
            return self.state.database_url
        raise Unmeasurable(f"env.{self.environment.name}.database_url is not set, so nothing stored can be judged")

    @property
    def redis_url(self) -> str | None:
        """The address of Redis, None where none is configured."""
        if self.environment.redis_url is not None:
            return self.environment.redis_url.get_secret_value()
        return None if self.state is None else self.state.redis_url

    @contextmanager
    def database(self) -> Iterator[Connection]:
        """A read-only connection with a statement timeout; raises Unmeasurable where PostgreSQL refuses it."""
        options = f"-c default_transaction_read_only=on -c statement_timeout={_STATEMENT_TIMEOUT_SECONDS}s"
        try:
            connection = psycopg.connect(
                self.database_url,
                row_factory=dict_row,
                autocommit=True,
                connect_timeout=5,
                options=options,
                application_name="examday",
            )
        except psycopg.Error as problem:
            raise Unmeasurable(f"the database cannot be reached: {self._first_line(problem)}") from None
        try:
            with connection:
                yield connection
        except psycopg.Error as problem:
            raise Unmeasurable(f"the database did not answer the question: {self._first_line(problem)}") from None

    @contextmanager
    def cache(self) -> Iterator["redis.Redis"]:
        """A Redis connection; raises Unmeasurable where none is configured."""
        import redis

        if self.redis_url is None:
            raise Unmeasurable(f"env.{self.environment.name}.redis_url is not set")
        with redis.Redis.from_url(self.redis_url, socket_timeout=2, socket_connect_timeout=2) as connection:
            yield connection

    @cached_property
    def candidate_accounts(self) -> CandidateAccounts:
        """The accounts of the candidates; raises Unmeasurable where none are configured."""
        if self.environment.candidates is not None:
            return self.environment.candidates
        if self.state is None:
            raise Unmeasurable(f"env.{self.environment.name}.candidates is not set, so nobody can sit the exam")
        made = self.state.candidates
        return CountedAccounts(email=made.email, password=SecretStr(made.password), count=made.count)

    def take_accounts(self, number: int) -> tuple[Account, ...]:
        """The next `number` accounts that nobody of this rehearsal has used.

        Activities run one after the other, so the count kept in the run directory needs no lock of its own.
        Raises Unmeasurable where there are too few.
        """
        book = self.directory / ".accounts"
        used = int(book.read_text()) if book.exists() else 0
        accounts = self.candidate_accounts
        self._require_accounts(number, accounts.count - self._accounts_elsewhere - used)
        book.write_text(str(used + number))
        return tuple(accounts.account(index) for index in range(used, used + number))

    def last_accounts(self, number: int) -> tuple[Account, ...]:
        """The last `number` accounts, which a load elsewhere has for itself; raises Unmeasurable where there are too
        few."""
        accounts = self.candidate_accounts
        self._require_accounts(number, accounts.count)
        return tuple(accounts.account(index) for index in range(accounts.count - number, accounts.count))

    @property
    def _accounts_elsewhere(self) -> int:
        return 0 if self.engine.results is None else self.environment.profile.load.candidates

    def _require_accounts(self, number: int, left: int) -> None:
        if number > left:
            raise Unmeasurable(
                f"{number} more candidates are needed and {max(0, left)} of {self.candidate_accounts.count} are left; "
                f"give env.{self.environment.name}.candidates more accounts or choose a smaller profile"
            )

    @property
    def admin(self) -> Account | None:
        """The account that may call the admin operations."""
        if self.environment.admin is not None:
            return self.environment.admin
        if self.state is None:
            return None
        return Account(email=self.state.admin.email, password=SecretStr(self.state.admin.password))

    def auth_token(self) -> str:
        """The token for the admin operations: `auth_token` of the environment, or the admin's by logging in.

        Raises Unmeasurable where there is neither, or the login is refused.
        """
        if self.environment.auth_token is not None:
            return self.environment.auth_token.get_secret_value()
        if self.admin is None:
            raise Unmeasurable(f"set env.{self.environment.name}.auth_token, the variable AUTH_TOKEN, or .admin")
        return self.log_in(self.admin).access_token

    def log_in(self, account: Account) -> Login:
        """Log in; the tokens are kept out of every artifact."""
        login = self.api.log_in(account)
        self.redactor.learn(login.access_token, login.refresh_token)
        return login

    def _first_line(self, problem: Exception) -> str:
        return self.redactor.clean((str(problem).strip() or type(problem).__name__).splitlines()[0])
