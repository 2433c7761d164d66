"""Finds out whether this connection shows the database as the platform sees it. A standby may lag, and row level
security may hide rows."""

import re
from dataclasses import dataclass, field
from typing import Any

from psycopg import sql

from pytest_examday.contract.schema import RelationName, Schema
from pytest_examday.integrity.bound_query import bound_query
from pytest_examday.suites.exam.stored_exams.database_source import RelationReader
from pytest_examday.target.database import Connection

_LOOK = """
SELECT current_user AS role, pg_is_in_recovery() AS standby,
       extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 AS age,
       (SELECT coalesce(array_agg(c.relname::text ORDER BY c.relname), '{}') FROM pg_class c
        WHERE c.relrowsecurity AND row_security_active(c.oid) AND (
            NOT EXISTS (
                SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd IN ('r', '*') AND p.polpermissive
                AND pg_get_expr(p.polqual, p.polrelid) = 'true'
                AND EXISTS (SELECT FROM unnest(p.polroles) r WHERE r = 0 OR pg_has_role(r, 'USAGE'))
            ) OR EXISTS (
                SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd IN ('r', '*') AND NOT p.polpermissive
            )
        )) AS hidden
"""
"""A policy USING (true) shows every row, unless another one restricts it."""


@dataclass(frozen=True)
class ViewOfDatabase:
    """What may hide rows of the platform from this connection."""

    connection: Connection = field(repr=False)
    schema: Schema = field(repr=False)
    role: str
    standby: bool
    replayed_seconds: float | None
    """The age of the last transaction that a standby has replayed; None if the server is the primary."""
    hidden: tuple[str, ...]
    """The tables of which row level security may hide rows from `role`."""

    @classmethod
    def of(cls, connection: Connection, schema: Schema) -> "ViewOfDatabase":
        """Ask the database itself."""
        row: dict[str, Any] = connection.execute(_LOOK).fetchone() or {}
        return cls(connection, schema, row["role"], row["standby"], row["age"], tuple(row["hidden"]))

    @property
    def partial(self) -> bool:
        """Whether the connection may lack rows of the platform. A missing row then proves nothing without a
        calibration."""
        return self.standby or bool(self.hidden)

    @property
    def why(self) -> str:
        """What may hide rows, as the end of a sentence; empty if nothing does."""
        causes = []
        if self.standby:
            age = (
                "" if self.replayed_seconds is None else f", its last transaction is {self.replayed_seconds:.0f} s old"
            )
            causes.append(f"it is a standby (pg_is_in_recovery){age}")
        if self.hidden:
            causes.append(f"row level security hides rows of {', '.join(self.hidden)} from the role {self.role}")
        return f" ({'; '.join(causes)})" if causes else ""

    def hidden_relations(self, session: str) -> tuple[str, ...]:
        """The relations of which row level security shows no row of this session, though each has one."""
        return tuple(name for name in self.schema.relations if self._may_hide(name) and not self._rows(name, session))

    def newest(self) -> str:
        """The id of the newest session, as the end of a sentence: the database may spell ids in another way."""
        query = sql.SQL("SELECT id::text AS id FROM sessions ORDER BY created_at DESC NULLS LAST LIMIT 1")
        row = self.connection.execute(bound_query(query, self.schema)).fetchone()
        return " (it holds no session)" if row is None else f" (its newest session is {row['id']})"

    def _may_hide(self, name: RelationName) -> bool:
        source = self.schema.relations[name].table
        return any(re.search(rf"\b{re.escape(table)}\b", source) for table in self.hidden)

    def _rows(self, name: RelationName, session: str) -> int:
        table = RelationReader(self.connection, self.schema, name, "id" if name == "sessions" else "session_id")
        query = sql.SQL("SELECT count(*) AS rows FROM ({}) AS mine").format(table.chosen())
        return int(table.ask(query, table.possible([session]))[0]["rows"])
