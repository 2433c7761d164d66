"""The scratch database: created on a server for the rehearsal, and dropped afterwards, however the rehearsal ends."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pytest_examday.errors import Unmeasurable

Connection: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"
MARK = "scratch database of pytest-examday"
"""The comment on every scratch database."""
_CONNECT_SECONDS = 10
_MAINTENANCE = "maintenance"
_SESSION = "session"
_RIGHTS = """
    SELECT current_user, rolsuper OR rolcreatedb, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user
    """
_TAKEN = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"


@dataclass
class ScratchServer:
    """The server on which the scratch database is created, by a connection to another database of it.

    Connections are kept: a new one costs the server more than most migrations do.
    """

    address: str
    name: str
    """The name of the scratch database."""
    statement_seconds: float = 60
    problems: list[str] = field(default_factory=list)
    """What could not be removed, and why."""
    _created: bool = False
    _kept: dict[str, Connection] = field(default_factory=dict)

    def create(self) -> None:
        """Create the scratch database, empty."""
        name = sql.Identifier(self.name)
        self._maintenance().execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
        self._created = True
        self._maintenance().execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, MARK))

    def prepare(self, extensions: Iterable[str], owner: str | None) -> None:
        """Create extensions in the scratch database, and give it to the owner of the tables. Raises psycopg.Error if
        the server refuses it."""
        connection = self.reader()
        for extension in extensions:
            connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
        if owner is not None:
            words = sql.SQL("ALTER DATABASE {} OWNER TO {}")
            connection.execute(words.format(sql.Identifier(self.name), sql.Identifier(owner)))

    def drop(self) -> None:
        """Drop the scratch database if this object has created it; end the connections to it."""
        for purpose in [purpose for purpose in self._kept if purpose != _MAINTENANCE]:
            self._kept.pop(purpose).close()
        if self._created:
            words = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            self._maintenance().execute(words.format(sql.Identifier(self.name)))
            self._created = False

    @property
    def scratch_address(self) -> str:
        """The address of the scratch database, as libpq reads it."""
        return make_conninfo(self.address, dbname=self.name)

    def reader(self) -> Connection:
        """The connection by which the rehearsal reads and fills the scratch database."""
        return self.worker("reader")

    def worker(self, purpose: str) -> Connection:
        """The connection for this purpose, in autocommit mode. One that was lost is opened again."""
        kept = self._kept.get(purpose)
        if kept is None or kept.closed:
            kept = self._connect(self.scratch_address)
            kept.execute(f"SET statement_timeout = {self._timeout_ms}".encode())
            kept.execute("SET jit = off")  # compiling a query takes longer than running it once
            self._kept[purpose] = kept
        return kept

    @contextmanager
    def session(self, role: str | None = None) -> Iterator[Connection]:
        """A connection as if it were new, as this role, for one file of SQL."""
        connection = self._kept.get(_SESSION)
        if connection is None or connection.closed:
            connection = self._kept[_SESSION] = self._connect(self.scratch_address)
        connection.execute(f"SET statement_timeout = {self._timeout_ms}".encode())
        if role is not None:
            connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
        try:
            yield connection
        finally:
            if not connection.closed:
                connection.execute("ROLLBACK")
                connection.execute("DISCARD ALL")

    def end_session(self) -> None:
        """Close the connection of `session`, so that the next one gets the settings of database and role anew."""
        kept = self._kept.pop(_SESSION, None)
        if kept is not None:
            kept.close()

    @property
    def _timeout_ms(self) -> int:
        return int(self.statement_seconds * 1000)

    def server_version(self) -> str:
        """The version of the server, for example `16.4`."""
        return str(_one(self._maintenance(), "SHOW server_version")).split()[0]

    def roles(self) -> frozenset[str]:
        """The names of all roles of the server."""
        return frozenset(str(row[0]) for row in self._maintenance().execute("SELECT rolname FROM pg_roles"))

    def drop_roles(self, names: Iterable[str]) -> None:
        """Drop these roles; note those that cannot be dropped."""
        for name in sorted(names):
            try:
                self._maintenance().execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))
            except psycopg.Error as problem:
                self.problems.append(f"role {name}: {first_line(problem)}")

    def refuse_unsuitable(self, version: int | None, forbidden: str | None) -> None:
        """Raise Unmeasurable if no scratch database can be made here: another version, a role without rights, a name
        that is taken or that is the staging database's."""
        connection = self._maintenance()
        told = int(str(_one(connection, "SHOW server_version_num"))) // 10_000
        if version is not None and version != told:
            raise Unmeasurable(
                f"the server has PostgreSQL {told} and server_version is {version}; "
                "rehearse on a server of the version that runs in production"
            )
        role, may, sees = connection.execute(_RIGHTS).fetchone() or ("nobody", False, False)
        if not may:
            raise Unmeasurable(
                f"the role {role} must not create databases; give it CREATEDB, or set server_url or embedded = true"
            )
        if not sees:
            raise Unmeasurable(
                f"the role {role} is bound by row-level security and would not see the rows that it compares; give "
                "it BYPASSRLS, or set server_url or embedded = true"
            )
        taken = connection.execute(_TAKEN, [self.name]).fetchone()
        if taken is not None:
            whose = "an earlier rehearsal has left it" if taken[0] == MARK else "it is not the rehearsal's"
            if self.name == forbidden:
                whose = "it is the staging database"
            raise Unmeasurable(
                f"the database {self.name} exists already ({whose}); drop it, or choose another scratch_database"
            )

    def close(self) -> None:
        """Drop the scratch database; note if it cannot be dropped."""
        try:
            self.drop()
        except psycopg.Error as problem:
            self.problems.append(f"database {self.name}: {first_line(problem)}")

    def disconnect(self) -> None:
        """Close all connections."""
        while self._kept:
            self._kept.popitem()[1].close()

    def _maintenance(self) -> Connection:
        kept = self._kept.get(_MAINTENANCE)
        if kept is None or kept.closed:
            kept = self._kept[_MAINTENANCE] = self._connect(self.address)
        return kept

    def _connect(self, address: str) -> Connection:
        return psycopg.connect(
            address,
            autocommit=True,
            connect_timeout=_CONNECT_SECONDS,
            application_name="examday",
            prepare_threshold=None,  # a pooler may stand in between
        )


@contextmanager
def scratch_server(
    address: str, name: str, *, version: int | None = None, forbidden: str | None = None, statement_seconds: float = 60
) -> Iterator[ScratchServer]:
    """A server whose scratch database is dropped at the end of the block, or when this process has ended.

    `forbidden` is the name of the staging database. Raises Unmeasurable if the server cannot be reached, or if no
    scratch database can be made there.
    """
    server = ScratchServer(address, name, statement_seconds)
    try:
        try:
            server.refuse_unsuitable(version, forbidden)
        except psycopg.Error as problem:
            raise Unmeasurable(
                f"the server of the scratch databases cannot be reached: {first_line(problem)}"
            ) from None
        with _dropped_in_any_case(server):
            yield server
    finally:
        server.disconnect()


@contextmanager
def _dropped_in_any_case(server: ScratchServer) -> Iterator[None]:
    """Drop the scratch database at the end of the block; a process that outlives this one drops it if this one is
    killed."""
    keeper = subprocess.Popen(
        [sys.executable, "-P", str(Path(__file__).with_name("drop_scratch.py"))],  # the file alone starts at once
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
        encoding="utf-8",
    )
    assert keeper.stdin is not None
    try:
        with keeper.stdin as pipe:
            pipe.write(json.dumps({"address": server.address, "name": server.name}) + "\n")
            pipe.flush()
            try:
                yield
            finally:
                server.close()
                server.disconnect()
                if not server.problems:
                    pipe.write("dropped\n")
    finally:
        keeper.wait()


def database_name(address: str | None) -> str | None:
    """The name of the database of an address."""
    return None if address is None else str(conninfo_to_dict(address).get("dbname") or "") or None


def first_line(problem: BaseException) -> str:
    """The first line of what a server or driver said."""
    return (str(problem).strip() or type(problem).__name__).splitlines()[0]


def _one(connection: Connection, query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    return None if row is None else row[0]
