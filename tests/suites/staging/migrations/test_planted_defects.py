"""Each defect that real chains have turns its line red, and no other line."""

import pytest

from .small_chain import Judged, SmallChain

NOTES = "CREATE TABLE IF NOT EXISTS notes (id integer PRIMARY KEY, text text);"
NO_NOTES = "DROP TABLE IF EXISTS public.notes;"


def _only(chain: SmallChain, line: str, *words: str) -> Judged:
    """The chain turns this line red and no other one; its reason has these words."""
    judged = chain.rehearsed()
    assert judged.red == {line}, judged.not_green
    for text in words:
        assert text in judged.reason(line)
    return judged


# The chain on an empty database.


def test_syntax_that_no_server_accepts_is_told_with_file_and_line(chain: SmallChain) -> None:
    chain.add(
        "006_notes.sql", "-- a note\nCREATE TABLE notes (\n    id integer,\n    UNIQUE (id) WHERE id > 0\n);", NO_NOTES
    )
    _only(chain, "migrations-execute", "006_notes.sql fails", "006_notes.sql:4: syntax error", "WHERE")


def test_a_file_that_needs_a_table_of_a_later_file_is_told_with_that_file(chain: SmallChain) -> None:
    chain.add("006_first.sql", "ALTER TABLE notes ADD COLUMN more text;", "SELECT 1;")
    chain.add("007_notes.sql", NOTES, NO_NOTES)
    _only(chain, "migrations-execute", "006_first.sql:1", "007_notes.sql creates it later")


def test_a_role_of_a_hosted_server_that_nothing_creates_is_told(chain: SmallChain) -> None:
    chain.add("006_grant.sql", "GRANT SELECT ON events TO authenticated;", "SELECT 1;")
    _only(chain, "migrations-execute", 'role "authenticated" does not exist')


def test_one_transaction_for_every_file_does_not_go_with_a_concurrent_index(chain: SmallChain) -> None:
    chain.settings["transactions"] = "always"
    _only(chain, "migrations-execute", "005_indexes.sql", "cannot run inside a transaction block")


def test_one_transaction_for_every_file_does_not_go_with_a_new_label_of_an_enum(chain: SmallChain) -> None:
    chain.settings["transactions"] = "always"
    chain.forward["005_indexes.sql"], chain.back["005_indexes.sql"] = "SELECT 1;", "SELECT 1;"
    chain.add("006_state.sql", "CREATE TYPE state AS ENUM ('new');", "DROP TYPE IF EXISTS state;")
    chain.add("007_state.sql", "ALTER TYPE state ADD VALUE 'old'; SELECT 'old'::state;", "SELECT 1;")
    _only(chain, "migrations-execute", "007_state.sql:1: unsafe use of new value")


# The chain on a database with rows, run again, and while a client works.


def test_a_migration_that_works_only_on_empty_tables_is_found(chain: SmallChain) -> None:
    chain.add(
        "006_amount.sql",
        "ALTER TABLE events ALTER COLUMN amount SET NOT NULL;",
        "ALTER TABLE events ALTER COLUMN amount DROP NOT NULL;",
    )
    _only(chain, "migrations-execute-with-rows", "006_amount.sql", 'column "amount"', "contains null values")


@pytest.mark.parametrize(
    ("forward", "words"),
    [
        ("CREATE TABLE notes (id integer PRIMARY KEY);", 'relation "notes" already exists'),
        (f"{NOTES} INSERT INTO notes SELECT count(*) + 100 FROM notes;", "public.notes: 5 rows before, 6 after"),
    ],
    ids=["refused", "rows written twice"],
)
def test_a_chain_that_cannot_be_run_again_is_found(chain: SmallChain, forward: str, words: str) -> None:
    chain.add("006_notes.sql", forward, NO_NOTES)
    _only(chain, "migrations-run-again", words)


def test_a_lock_that_keeps_clients_waiting_is_found(chain: SmallChain) -> None:
    chain.settings["lock_limit_ms"] = 300
    chain.add("006_slow.sql", "LOCK TABLE events; SELECT pg_sleep(1) WHERE EXISTS (SELECT FROM events);", "SELECT 1;")
    _only(chain, "no-long-locks", "006_slow.sql holds AccessExclusiveLock on public.events", "limit 300 ms")


# What the chain has made.


def test_a_table_that_another_migration_has_made_otherwise_is_found(chain: SmallChain) -> None:
    chain.add("006_events.sql", "CREATE TABLE IF NOT EXISTS events (id integer);", "SELECT 1;")
    _only(chain, "table-creation-verified", '006_events.sql:1: relation "events" already exists')


def test_a_table_that_the_configuration_names_must_exist(chain: SmallChain) -> None:
    chain.settings["tables"] = ("public.events", "public.invoices")
    _only(chain, "table-creation-verified", "public.invoices")


@pytest.mark.parametrize(
    ("forward", "back", "words"),
    [
        (
            "CREATE TABLE IF NOT EXISTS notes (company_id uuid);",
            NO_NOTES,
            "1 of 3 tables without row-level security: public.notes",
        ),
        (
            "ALTER TABLE events NO FORCE ROW LEVEL SECURITY;",
            "ALTER TABLE events FORCE ROW LEVEL SECURITY;",
            "not forced, so that their owner sees all rows: public.events",
        ),
        (
            "ALTER POLICY own ON events USING (company_id::text = current_setting('app.tenant', true));",
            "ALTER POLICY own ON events "
            "USING (company_id = nullif(current_setting('app.company_id', true), '')::uuid);",
            "with app.company_id set, a tenant sees 0 of its 2 rows; its policies read app.tenant",
        ),
        (
            "DROP POLICY IF EXISTS every ON events; CREATE POLICY every ON events FOR SELECT USING (true);",
            "DROP POLICY IF EXISTS every ON events;",
            "public.events: without a tenant, ",
        ),
        (
            "ALTER POLICY own ON events WITH CHECK (true);",
            "DROP POLICY own ON events; CREATE POLICY own ON events USING (company_id = "
            "nullif(current_setting('app.company_id', true), '')::uuid);",
            "public.events: a tenant can give its rows to another tenant",
        ),
        (
            "CREATE OR REPLACE VIEW latest AS SELECT * FROM events; GRANT SELECT ON latest TO shop_app;",
            "DROP VIEW IF EXISTS public.latest;",
            "public.latest: a tenant sees ",
        ),
    ],
    ids=["not enabled", "not forced", "another setting", "a policy for all", "writing to others", "a view"],
)
def test_row_level_security_is_tried_and_not_only_counted(
    chain: SmallChain, forward: str, back: str, words: str
) -> None:
    chain.add("006_policies.sql", forward, back)
    _only(chain, "rls-policies-active", words)


@pytest.mark.parametrize(
    ("forward", "back", "words"),
    [
        ("ALTER TABLE events DISABLE TRIGGER ALL;", "ALTER TABLE events ENABLE TRIGGER ALL;", "accept a reference"),
        (
            "ALTER TABLE events DROP CONSTRAINT IF EXISTS events_company; "
            "ALTER TABLE events ADD CONSTRAINT events_company FOREIGN KEY (company_id) "
            "REFERENCES companies (id) NOT VALID;",
            "ALTER TABLE events VALIDATE CONSTRAINT events_company;",
            "NOT VALID for older rows: public.events.events_company",
        ),
    ],
    ids=["switched off", "not validated"],
)
def test_a_foreign_key_that_does_not_work_is_found(chain: SmallChain, forward: str, back: str, words: str) -> None:
    chain.add("006_keys.sql", forward, back)
    _only(chain, "foreign-keys-working", words)


def test_a_constraint_that_was_never_checked_against_older_rows_is_found(chain: SmallChain) -> None:
    chain.add(
        "006_check.sql",
        "ALTER TABLE events DROP CONSTRAINT IF EXISTS positive; "
        "ALTER TABLE events ADD CONSTRAINT positive CHECK (amount > 0) NOT VALID;",
        "ALTER TABLE events DROP CONSTRAINT IF EXISTS positive;",
    )
    _only(chain, "constraints-valid", "public.events.positive")


def test_an_invalid_index_is_found(chain: SmallChain) -> None:
    chain.add(
        "006_months.sql",
        "CREATE TABLE IF NOT EXISTS months (day date NOT NULL) PARTITION BY RANGE (day);"
        "CREATE TABLE IF NOT EXISTS months_2026 PARTITION OF months FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');"
        "CREATE INDEX IF NOT EXISTS months_by_day ON ONLY months (day);",
        "DROP TABLE IF EXISTS public.months;",
    )
    _only(chain, "performance-indexes-created", "invalid, so that no query uses them: public.months_by_day")


@pytest.mark.parametrize(
    ("forward", "words"),
    [
        ("DELETE FROM events WHERE amount IS NULL;", "public.events: 28 rows before, 19 after"),
        ("UPDATE events SET amount = NULL;", "public.events.amount: "),
    ],
    ids=["rows", "values"],
)
def test_a_migration_that_loses_rows_or_values_is_found(chain: SmallChain, forward: str, words: str) -> None:
    chain.add("006_clean.sql", forward, "SELECT 1;")
    _only(chain, "no-data-corruption-detected", "006_clean.sql: " + words)


def test_a_backfill_that_matches_rows_only_in_the_transaction_before_it_is_found(chain: SmallChain) -> None:
    chain.add(
        "006_column.sql",
        "ALTER TABLE events ADD COLUMN IF NOT EXISTS seen_at timestamptz DEFAULT now(), ADD COLUMN IF NOT EXISTS seen "
        "boolean;",
        "ALTER TABLE public.events DROP COLUMN IF EXISTS seen, DROP COLUMN IF EXISTS seen_at;",
    )
    chain.add("007_backfill_seen.sql", "UPDATE events SET seen = false WHERE seen_at = now();", "SELECT 1;")
    _only(chain, "no-data-corruption-detected", "007_backfill_seen.sql:1 (UPDATE 0)")


def test_the_same_backfill_is_right_where_both_files_run_in_one_transaction(chain: SmallChain) -> None:
    chain.settings["together"] = (("006_column.sql", "007_backfill_seen.sql"),)
    chain.add(
        "006_column.sql",
        "ALTER TABLE events ADD COLUMN IF NOT EXISTS seen_at timestamptz DEFAULT now(), ADD COLUMN IF NOT EXISTS seen "
        "boolean;",
        "ALTER TABLE public.events DROP COLUMN IF EXISTS seen, DROP COLUMN IF EXISTS seen_at;",
    )
    chain.add("007_backfill_seen.sql", "UPDATE events SET seen = false WHERE seen_at = now();", "SELECT 1;")
    judged = chain.rehearsed()
    assert judged.red == set()
    assert "006_column.sql + 007_backfill_seen.sql" in [step.name for step in judged.seen.with_rows]


# Rollbacks.


def test_a_migration_in_the_middle_without_a_rollback_is_found(chain: SmallChain) -> None:
    del chain.back["003_backfill_happened_at.sql"]
    _only(chain, "every-migration-has-a-rollback", "003_backfill_happened_at.sql")


def test_a_rollback_that_leaves_things_behind_is_found_with_all_that_it_leaves(chain: SmallChain) -> None:
    chain.add(
        "006_notes.sql",
        f"{NOTES} DO $$ BEGIN CREATE TYPE mood AS ENUM ('good'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
        "CREATE OR REPLACE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql AS 'SELECT 2 * n';"
        "DROP POLICY IF EXISTS more ON companies; CREATE POLICY more ON companies FOR DELETE USING (false);"
        "CREATE INDEX IF NOT EXISTS companies_by_name ON companies (name);"
        "CREATE OR REPLACE VIEW names WITH (security_invoker = true) AS SELECT name FROM companies;",
        NO_NOTES,
    )
    judged = _only(chain, "rollbacks-undo", "006_notes.sql: its rollback leads to another schema", "and 2 more")
    assert judged.seen.rollbacks[-1].changes.left == (
        "function public.twice(integer)",
        "index public.companies_by_name",
        "policy public.companies.more",
        "type public.mood",
        "view public.names",
    )
    assert judged.seen.way_back is not None
    assert judged.seen.way_back.left_over.dump_lines > 5


def test_a_rollback_that_fails_is_told_with_file_and_line(chain: SmallChain) -> None:
    chain.back["004_keys.sql"] = "ALTER TABLE public.events\n    DROP CONSTRAINT events_company_fkey;"
    _only(chain, "rollbacks-undo", "rollbacks/004_keys.sql:1", 'constraint "events_company_fkey"')


@pytest.mark.parametrize(
    ("forward", "back", "words"),
    [
        (
            "ALTER TABLE companies ALTER COLUMN name DROP NOT NULL;",
            "ALTER TABLE public.companies ALTER COLUMN name SET NOT NULL;",
            "contains null values",
        ),
        (NOTES, f"{NO_NOTES} DELETE FROM public.events;", "public.events: 28 rows before the rollback, 0 after"),
        (
            NOTES,
            f"{NO_NOTES} UPDATE public.events SET amount = 0 WHERE amount > 0;",
            "public.events.amount: other values",
        ),
    ],
    ids=["works on empty tables only", "loses rows of another table", "changes values of another table"],
)
def test_a_rollback_that_does_harm_where_there_are_rows_is_found(
    chain: SmallChain, forward: str, back: str, words: str
) -> None:
    chain.add("006_rows.sql", forward, back)
    _only(chain, "rollbacks-undo-with-rows", words)


@pytest.mark.parametrize(
    ("forward", "back", "words"),
    [
        (
            "ALTER TABLE events ALTER COLUMN amount SET DEFAULT 1;",
            "DO $$ BEGIN IF EXISTS (SELECT FROM pg_attrdef WHERE pg_get_expr(adbin, adrelid) = '1') THEN "
            "ALTER TABLE public.events ALTER COLUMN amount DROP DEFAULT; "
            "ELSE ALTER TABLE IF EXISTS public.events DROP COLUMN IF EXISTS amount; END IF; END $$;",
            "a second rollback changes the schema: missing: column public.events.amount",
        ),
        (
            "UPDATE events SET amount = amount + 100 WHERE amount < 50;",
            "UPDATE public.events SET amount = amount - 50 WHERE amount > 100; "
            "UPDATE public.events SET amount = amount - 50 WHERE amount < 100;",
            "a second rollback changes rows: 006_amount.sql: public.events.amount: other values",
        ),
    ],
    ids=["schema", "rows"],
)
def test_a_rollback_that_does_harm_when_it_is_run_twice_is_found(
    chain: SmallChain, forward: str, back: str, words: str
) -> None:
    chain.settings["may_lose"] = ()
    chain.add("006_amount.sql", forward, back)
    _only(chain, "rollbacks-run-twice", words)


def test_a_migration_that_cannot_be_undone_after_it_failed_half_way_is_found(chain: SmallChain) -> None:
    chain.back["005_indexes.sql"] = chain.back["005_indexes.sql"].replace("IF EXISTS", "")
    _only(chain, "rollbacks-after-half-failure", "005_indexes.sql after 1 of 2 statements", "does not exist")


def test_a_migration_that_does_not_run_again_after_its_rollback_is_found(chain: SmallChain) -> None:
    chain.forward["001_init.sql"] += "CREATE TABLE IF NOT EXISTS flags (name text PRIMARY KEY);"
    chain.back["001_init.sql"] += "DROP TABLE IF EXISTS public.flags;"
    chain.add(
        "006_flag.sql",
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_attribute WHERE attname = 'flag') THEN "
        "ALTER TABLE events ADD COLUMN flag text; INSERT INTO flags VALUES ('on'); END IF; END $$;",
        "ALTER TABLE public.events DROP COLUMN IF EXISTS flag;",
    )
    _only(chain, "migrations-run-after-rollback", "006_flag.sql: run again after its rollback fails", "duplicate key")


def test_a_way_back_that_fails_only_as_a_whole_is_found(chain: SmallChain) -> None:
    chain.forward["001_init.sql"] += (
        "ALTER TABLE companies DROP CONSTRAINT IF EXISTS own_name; "
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM companies WHERE name = 'Demo') THEN "
        "ALTER TABLE companies ADD CONSTRAINT own_name UNIQUE (name); END IF; END $$;"
    )
    chain.add(
        "006_names.sql",
        "ALTER TABLE companies DROP CONSTRAINT IF EXISTS own_name;",
        "ALTER TABLE public.companies DROP CONSTRAINT IF EXISTS own_name; "
        "ALTER TABLE public.companies ADD CONSTRAINT own_name UNIQUE (name);",
    )
    chain.add(
        "007_demo.sql",
        "INSERT INTO companies VALUES ('00000000-0000-0000-0000-000000000001', 'Demo'), "
        "('00000000-0000-0000-0000-000000000002', 'Demo') ON CONFLICT DO NOTHING;",
        "SELECT 1;",
    )
    _only(chain, "whole-way-back", "1 of 7 rollbacks fail on the whole way back, first 006_names.sql")


def test_a_chain_that_does_not_run_again_after_the_whole_way_back_is_found(chain: SmallChain) -> None:
    path = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I {} search_path {}', current_database()); END $$;"
    chain.forward["005_indexes.sql"] = path.format("RESET", "")
    chain.back["005_indexes.sql"] = path.format("SET", "= nowhere")
    _only(
        chain, "chain-runs-after-way-back", "001_init.sql fails after the whole way back", "no schema has been selected"
    )
