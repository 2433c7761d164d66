"""The chain of migrations: forward, again, and back, on a real server, with rows in the tables."""

from collections.abc import Iterator

import psycopg
import pytest

from pytest_examday.webhook_service.chain import Script, migrations, rollbacks

from .chain_database import FIRST, SECOND, Connection, Scratch, Server, scratch

CHAIN = migrations()
BACK = {script.name: script for script in rollbacks()}


@pytest.fixture(scope="module")
def migrated(server: Server) -> Iterator[Scratch]:
    """A database after the whole chain, with rows of two companies; tests only read it."""
    with scratch(server, "migrated") as made:
        _forward(made)
        yield made


def _forward(database: Scratch) -> None:
    for script in CHAIN:
        database.run(script)
        database.fill(script)


def _as(database: Scratch, role: str, company: str | None) -> Connection:
    connection = psycopg.connect(database.server.url(database.name, role))
    if company is not None:
        connection.execute("SELECT set_config('app.company_id', %s, false)", (company,))
    return connection


def test_every_migration_has_a_rollback_of_the_same_name() -> None:
    assert [script.name for script in CHAIN] == sorted(BACK)
    assert [script.name[:3] for script in CHAIN] == [f"{number:03}" for number in range(1, 13)]


def test_the_chain_runs_a_second_time_and_changes_nothing(database: Scratch) -> None:
    _forward(database)
    before = database.schema(), database.data()
    database.run(*CHAIN)
    assert (database.schema(), database.data()) == before


def test_each_rollback_restores_schema_and_rows(database: Scratch) -> None:
    for script in CHAIN:
        before = database.schema(), database.data()
        database.run(script)
        database.fill(script)
        database.run(BACK[script.name])
        assert (database.schema(), database.data()) == before, script.name
        database.run(BACK[script.name])
        assert (database.schema(), database.data()) == before, f"{script.name}, a second time"
        database.run(script)
        database.fill(script)


def test_the_whole_way_back_leaves_nothing_and_the_chain_runs_again(database: Scratch) -> None:
    empty = database.schema()
    _forward(database)
    full = database.schema()
    database.run(*rollbacks())
    assert database.schema() == empty
    database.run(*rollbacks())
    assert database.schema() == empty
    _forward(database)
    assert database.schema() == full


def test_the_way_back_keeps_the_rows_of_tables_that_remain(database: Scratch) -> None:
    _forward(database)
    before = database.counts()
    for script in rollbacks()[:-1]:
        database.run(script)
        after = database.counts()
        assert after == {table: before[table] for table in after}, script.name
    kept = ("companies", "event_keys", "events", "recovery_cases", "recovery_actions")
    assert set(after) == {f"public.{table}" for table in kept}


def test_events_of_every_month_are_in_a_partition_of_their_own(migrated: Scratch) -> None:
    rows = migrated.admin.execute(
        "SELECT tableoid::regclass::text, 'events_' || to_char(received_at AT TIME ZONE 'UTC', 'YYYY_MM') FROM events"
    ).fetchall()
    assert len(rows) == 40
    assert [row for row in rows if row[0] != row[1]] == []


def test_a_month_that_is_added_later_takes_its_events_along(database: Scratch) -> None:
    _forward(database)
    database.admin.execute("UPDATE events SET received_at = '2031-01-31 23:59:59Z' WHERE external_id IN ('e1', 'e2')")
    before = database.counts()
    with _as(database, "webhook_scheduler", None) as connection:
        connection.execute("SELECT ensure_event_partition('2031-01-15Z')")
    assert database.admin.execute("SELECT count(*) FROM events_2031_01").fetchone() == (2,)
    assert database.counts() == before
    with _as(database, "webhook_app", FIRST) as connection:
        assert len(connection.execute("SELECT FROM events WHERE received_at > '2031-01-01Z'").fetchall()) == 1


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE events SET company_id = gen_random_uuid() WHERE external_id = 'e1'", "events_company"),
        ("DELETE FROM recovery_cases WHERE person_ref = 'pe1'", "recovery_actions_case"),
    ],
)
def test_foreign_keys_are_refused_where_rows_violate_them(database: Scratch, statement: str, constraint: str) -> None:
    for script in CHAIN[:8]:
        database.run(script)
        database.fill(script)
    database.admin.execute(statement.encode())
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match=constraint):
        database.run(CHAIN[8])


def test_constraints_and_indexes_are_valid(migrated: Scratch) -> None:
    assert migrated.admin.execute("SELECT conname FROM pg_constraint WHERE NOT convalidated").fetchall() == []
    assert migrated.admin.execute("SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid").fetchall() == []


def test_every_table_of_a_company_has_forced_row_level_security(migrated: Scratch) -> None:
    tables = migrated.admin.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('public', 'queue') AND c.relname <> 'schedules' "
        "AND NOT (c.relrowsecurity AND c.relforcerowsecurity "
        "AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))"
    ).fetchall()
    assert tables == []


@pytest.mark.parametrize("role", ["webhook_app", "webhook_scheduler", "webhook_owner"])
def test_a_role_sees_the_rows_of_one_company_only(migrated: Scratch, role: str) -> None:
    for table in ("events", "event_keys", "recovery_cases", "job_queue", "experiments", "recovery_overview"):
        query = f"SELECT DISTINCT company_id::text FROM {table}".encode()
        for company in (FIRST, SECOND):
            with _as(migrated, role, company) as connection:
                assert connection.execute(query).fetchall() == [(company,)], table
        with _as(migrated, role, None) as connection:
            assert connection.execute(query).fetchall() == [], table


def test_a_role_cannot_write_rows_of_another_company(migrated: Scratch) -> None:
    with (
        _as(migrated, "webhook_app", FIRST) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"),
    ):
        connection.execute("INSERT INTO job_queue (company_id, kind) VALUES (%s, 'reminder')", (SECOND,))


def test_no_role_of_the_service_can_bypass_row_level_security(migrated: Scratch) -> None:
    rows = migrated.admin.execute(
        "SELECT count(*), bool_or(rolsuper OR rolbypassrls) FROM pg_roles WHERE rolname LIKE 'webhook_%'"
    ).fetchone()
    assert rows == (3, False)


def test_only_the_scheduler_sees_which_companies_there_are(migrated: Scratch) -> None:
    counts = {}
    for role in ("webhook_app", "webhook_scheduler"):
        with _as(migrated, role, None) as connection:
            counts[role] = len(connection.execute("SELECT id FROM companies").fetchall())
    assert counts == {"webhook_app": 0, "webhook_scheduler": 2}


def test_a_file_without_a_transaction_is_split_into_its_statements() -> None:
    script = Script("x.sql", "-- no transaction\n\nSELECT 1;\n\nSELECT\n2;\n")
    assert not script.is_one_transaction
    assert [part.strip().removesuffix(";") for part in script.statements] == [
        "-- no transaction\n\nSELECT 1",
        "SELECT\n2",
    ]
