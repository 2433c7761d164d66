"""Connections to the platform's API, PostgreSQL and Redis; each is opened when it is first needed."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_examday.config.environment import Environment
from pytest_examday.config.hosts import hosts_of, named_hosts
from pytest_examday.errors import Unmeasurable
from pytest_examday.run.redaction import Redactor
from pytest_examday.target.api import Api
from pytest_examday.target.database import Connection, read_only, writing
from pytest_examday.target.embedded import EmbeddedPlatform
from pytest_examday.target.login_pace import LoginPace

if TYPE_CHECKING:
    import redis

_REDIS_TIMEOUT_SECONDS = 2


class Connections:
    """Connections to the platform. Their addresses come from the environment, otherwise from the embedded platform.

    If `forbidden` gives a reason, the API refuses operations that write, and PostgreSQL is only read. If
    `redis_forbidden` gives one, the Redis client refuses commands that write. `admin` gives the administrator's token.
    `pace` limits the rate of log-ins. `opened` is told the id of each exam that a call opens.
    """

    def __init__(
        self,
        environment: Environment,
        embedded: EmbeddedPlatform,
        redactor: Redactor,
        *,
        forbidden: str | None = None,
        redis_forbidden: str | None = None,
        admin: Callable[[str | None], str] | None = None,
        pace: LoginPace | None = None,
        opened: Callable[[str], None] | None = None,
    ) -> None:
        self._environment = environment
        self._admin = admin
        self._embedded = embedded
        self._redactor = redactor
        self._forbidden = forbidden
        self._redis_forbidden = redis_forbidden
        self._pace = pace
        self._opened = opened

    @cached_property
    def api_url(self) -> str:
        """The address of the API without a slash at its end: the environment's, otherwise the embedded platform's.

        Raises Unmeasurable if neither is known.
        """
        if self._environment.api_url is not None:
            return str(self._environment.api_url).rstrip("/")
        if self._embedded.state is not None:
            return self._embedded.state.api_url.rstrip("/")
        raise Unmeasurable(f"env.{self._environment.name}.api_url is not set, nor is the variable API_URL")

    @cached_property
    def api(self) -> Api:
        """Calls operations of the API; refuses to write if the environment may only be read."""
        api = Api(
            self.api_url,
            self._environment.platform.contract,
            named=named_hosts(self._environment) | hosts_of(self.api_url),
            forbidden=self._forbidden,
            admin=self._admin,
            pace=self._pace,
            learn=self._redactor.learn_received,
        )
        api.on_opened(self._opened)
        return api

    @property
    def database_url(self) -> str:
        """The read-only address of PostgreSQL. Raises Unmeasurable if none is configured."""
        if self._environment.database_url is not None:
            return self._environment.database_url.get_secret_value()
        if self._embedded.state is not None:
            return self._embedded.state.database_url
        raise Unmeasurable(f"env.{self._environment.name}.database_url is not set, so nothing stored can be judged")

    @property
    def redis_url(self) -> str | None:
        """The address of Redis, None if none is configured."""
        if self._environment.redis_url is not None:
            return self._environment.redis_url.get_secret_value()
        return None if self._embedded.state is None else self._embedded.state.redis_url

    @contextmanager
    def database(self) -> Iterator[Connection]:
        """A connection that cannot write, with a limit to the time of a statement. Raises Unmeasurable if PostgreSQL
        cannot be reached, lets the rehearsal write, or a statement fails."""
        with self._raising_unmeasurable(read_only, self.database_url) as connection:
            yield connection

    @contextmanager
    def database_to_write(self) -> Iterator[Connection]:
        """A connection for one transaction that may write (`writing`). Raises Unmeasurable if the environment does
        not allow `write`, if there is no `write_database_url`, or as `database` does."""
        if self._forbidden is not None:
            raise Unmeasurable(self._forbidden)
        url = self._environment.write_database_url
        if url is None:
            raise Unmeasurable(f"env.{self._environment.name}.write_database_url is not set")
        with self._raising_unmeasurable(writing, url.get_secret_value()) as connection:
            yield connection

    @contextmanager
    def _raising_unmeasurable(
        self, connected: Callable[[str], AbstractContextManager[Connection]], url: str
    ) -> Iterator[Connection]:
        """Turn what PostgreSQL says against a connection or a statement into Unmeasurable."""
        import psycopg

        reached = False
        try:
            with connected(url) as connection:
                reached = True
                yield connection
        except psycopg.Error as problem:
            failed = "did not answer the query" if reached else "cannot be reached"
            raise Unmeasurable(f"the database {failed}: {self._first_line(problem)}") from None

    @contextmanager
    def cache(self) -> "Iterator[redis.Redis]":
        """A Redis connection; it sends only reading commands unless the environment allows `write`. Raises
        Unmeasurable if none is configured."""
        import redis

        from pytest_examday.safety.read_only_redis import ReadOnlyRedis

        if self.redis_url is None:
            raise Unmeasurable(f"env.{self._environment.name}.redis_url is not set")
        seconds = _REDIS_TIMEOUT_SECONDS
        with redis.Redis.from_url(self.redis_url, socket_timeout=seconds, socket_connect_timeout=seconds) as connection:
            reason = self._redis_forbidden
            yield connection if reason is None else ReadOnlyRedis(connection, reason)

    def _first_line(self, problem: Exception) -> str:
        return self._redactor.clean((str(problem).strip() or type(problem).__name__).splitlines()[0])
