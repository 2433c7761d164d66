"""Scratch databases: created for the rehearsal on a server, and dropped afterwards, however the rehearsal ends."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pytest_examday.errors import Unmeasurable

Connection: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"
MARK = "scratch database of pytest-examday"
"""The comment on every scratch database."""
_CONNECT_SECONDS = 10


@dataclass
class ScratchServer:
    """The server on which scratch databases are created, by a connection to another database of it."""

    address: str
    name: str
    """The name of the first scratch database; copies have names that begin with it."""
    statement_seconds: float = 60
    owner: str | None = None
    """The role to which scratch databases are given when their set-up is done."""
    _made: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """What could not be removed, and why."""

    @property
    def names(self) -> tuple[str, ...]:
        """All names that scratch databases may have."""
        return (self.name, *(f"{self.name}_{end}" for end in ("before", "trial", "rerun")))

    def create(self, name: str, template: str | None = None) -> None:
        """Create a scratch database; as a copy of `template`, to which nobody may be connected, with its owner."""
        words = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template or "template0")
        )
        if template is not None and self.owner is not None:
            words += sql.SQL(" OWNER {}").format(sql.Identifier(self.owner))
        with self._maintenance() as connection:
            connection.execute(words)
            self._made.append(name)
            connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), MARK))

    def prepare(self, name: str, extensions: Iterable[str], owner: str | None) -> None:
        """Create extensions in a scratch database, and give it to the owner of the tables. Raises psycopg.Error if the
        server refuses it."""
        with self.connected(name) as connection:
            for extension in extensions:
                connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
            if owner is not None:
                words = sql.SQL("ALTER DATABASE {} OWNER TO {}")
                connection.execute(words.format(sql.Identifier(name), sql.Identifier(owner)))
        self.owner = owner

    def drop(self, name: str) -> None:
        """Drop a scratch database that this object has created; end the connections to it."""
        if name in self._made:
            with self._maintenance() as connection:
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            self._made.remove(name)

    def address_of(self, name: str) -> str:
        """The address of a scratch database, as libpq reads it."""
        return make_conninfo(self.address, dbname=name)

    @contextmanager
    def connected(self, name: str, role: str | None = None) -> Iterator[Connection]:
        """A connection in autocommit mode to a scratch database, as this role."""
        with psycopg.connect(
            self.address_of(name),
            autocommit=True,
            connect_timeout=_CONNECT_SECONDS,
            application_name="examday",
            prepare_threshold=None,
        ) as connection:
            connection.execute(f"SET statement_timeout = {int(self.statement_seconds * 1000)}".encode())
            if role is not None:
                connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
            yield connection

    def server_version(self) -> str:
        """The version of the server, for example `16.4`."""
        with self._maintenance() as connection:
            return str(_one(connection, "SHOW server_version")).split()[0]

    def roles(self) -> frozenset[str]:
        """The names of all roles of the server."""
        with self._maintenance() as connection:
            return frozenset(str(row[0]) for row in connection.execute("SELECT rolname FROM pg_roles"))

    def drop_roles(self, names: Iterable[str]) -> None:
        """Drop these roles; note those that cannot be dropped."""
        with self._maintenance() as connection:
            for name in sorted(names):
                try:
                    connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))
                except psycopg.Error as problem:
                    self.problems.append(f"role {name}: {first_line(problem)}")

    def refuse_unsuitable(self, version: int | None, forbidden: str | None) -> None:
        """Raise Unmeasurable if no scratch database can be made here: another version, a role without rights, a name
        that is taken or that is the staging database's."""
        with self._maintenance() as connection:
            told = int(str(_one(connection, "SHOW server_version_num"))) // 10_000
            if version is not None and version != told:
                raise Unmeasurable(
                    f"the server has PostgreSQL {told} and server_version is {version}; "
                    "rehearse on a server of the version that runs in production"
                )
            role, may, sees = next(
                iter(
                    connection.execute(
                        "SELECT current_user, rolsuper OR rolcreatedb, rolsuper OR rolbypassrls "
                        "FROM pg_roles WHERE rolname = current_user"
                    )
                )
            )
            if not may:
                raise Unmeasurable(
                    f"the role {role} must not create databases; give it CREATEDB, or set server_url or embedded = true"
                )
            if not sees:
                raise Unmeasurable(
                    f"the role {role} is bound by row-level security and would not see the rows that it compares; give "
                    "it BYPASSRLS, or set server_url or embedded = true"
                )
            taken = connection.execute(
                "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = ANY (%s)",
                [list(self.names)],
            ).fetchall()
        for name, comment in taken:
            whose = "an earlier rehearsal has left it" if comment == MARK else "it is not the rehearsal's"
            is_staging = " and is the staging database" if name == forbidden else ""
            raise Unmeasurable(
                f"the database {name} exists already{is_staging} ({whose}); drop it, or choose another scratch_database"
            )

    def close(self) -> None:
        """Drop all scratch databases that are left; note those that cannot be dropped."""
        for name in list(self._made):
            try:
                self.drop(name)
            except psycopg.Error as problem:
                self.problems.append(f"database {name}: {first_line(problem)}")

    @contextmanager
    def _maintenance(self) -> Iterator[Connection]:
        with psycopg.connect(
            self.address, autocommit=True, connect_timeout=_CONNECT_SECONDS, application_name="examday"
        ) as connection:
            yield connection


@contextmanager
def scratch_server(
    address: str, name: str, *, version: int | None = None, forbidden: str | None = None, statement_seconds: float = 60
) -> Iterator[ScratchServer]:
    """A server whose scratch databases are dropped at the end of the block, or when this process has ended.

    `forbidden` is the name of the staging database. Raises Unmeasurable if the server cannot be reached, or if no
    scratch database can be made there.
    """
    server = ScratchServer(address, name, statement_seconds)
    try:
        server.refuse_unsuitable(version, forbidden)
    except psycopg.Error as problem:
        raise Unmeasurable(f"the server of the scratch databases cannot be reached: {first_line(problem)}") from None
    keeper = subprocess.Popen(
        [sys.executable, "-m", "pytest_examday.suites.staging.migrations.drop_scratch"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    )
    assert keeper.stdin is not None
    with keeper.stdin as pipe:
        pipe.write(json.dumps({"address": address, "names": server.names}) + "\n")
        pipe.flush()
        try:
            yield server
        finally:
            server.close()
            if not server.problems:
                pipe.write("dropped\n")
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
