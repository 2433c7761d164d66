"""Rows meet the migrations: those that the rehearsal writes, those of the team's own files, and those of a dump."""

import pytest

from pytest_examday.suites.staging.migrations.schema import normalised

from .small_chain import SmallChain

MANY_TYPES = """
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE DOMAIN code AS varchar(6) CHECK (length(VALUE) > 2);
CREATE TABLE kinds (
    a smallint, b bigint, c numeric(9, 2), d real, e boolean, f date, g time, h interval, i json, j bytea, k inet,
    l mood NOT NULL, m mood[] NOT NULL, n text[] NOT NULL, o code NOT NULL, p varchar(3) NOT NULL UNIQUE,
    q char(64) NOT NULL CHECK (length(q) = 64), r integer GENERATED ALWAYS AS IDENTITY,
    s integer GENERATED ALWAYS AS (a + 1) STORED, t timestamp NOT NULL, u xml
);
CREATE TABLE trees (id serial PRIMARY KEY, parent integer REFERENCES trees, name text NOT NULL);
CREATE TABLE pairs (x uuid, y integer, PRIMARY KEY (x, y));
CREATE TABLE users (pair_x uuid NOT NULL, pair_y integer NOT NULL, FOREIGN KEY (pair_x, pair_y) REFERENCES pairs);
CREATE TABLE months (at timestamptz NOT NULL, PRIMARY KEY (at)) PARTITION BY RANGE (at);
CREATE TABLE months_1 PARTITION OF months FOR VALUES FROM ('2020-01-01 00:00+00') TO ('2020-02-01 00:00+00');
CREATE TABLE lands (land text NOT NULL, n integer) PARTITION BY LIST (land);
CREATE TABLE lands_1 PARTITION OF lands FOR VALUES IN ('at', 'ch');
CREATE TABLE states (state text NOT NULL CHECK (state = 'open' OR state = 'shut'), since date,
    CHECK ((state = 'shut') = (since IS NOT NULL)));
"""
NO_TYPES = """
DROP TABLE IF EXISTS kinds, trees, users, pairs, months, lands, states;
DROP DOMAIN IF EXISTS code;
DROP TYPE IF EXISTS mood;
"""


def test_rows_are_written_into_tables_of_many_kinds(chain: SmallChain) -> None:
    chain.forward, chain.back = {"001_kinds.sql": MANY_TYPES}, {"001_kinds.sql": NO_TYPES}
    seen = chain.rehearsed().seen
    assert set(seen.unfilled) <= {"public.states"}
    assert seen.filled == 7 - len(seen.unfilled)
    assert {trial.name for trial in seen.foreign_keys if trial.outcome == "refused"} == {
        "public.trees.trees_parent_fkey",
        "public.users.users_pair_x_pair_y_fkey",
    }


def test_a_table_that_stays_empty_is_named_with_the_reason(chain: SmallChain) -> None:
    chain.add(
        "006_odd.sql",
        "CREATE TABLE IF NOT EXISTS odd (word text NOT NULL CHECK (word ~ '^x{5}$'));",
        "DROP TABLE IF EXISTS public.odd;",
    )
    result = chain.rehearsed()
    assert result.red == set()
    (fact,) = [text for text in result.results["migrations-execute-with-rows"].facts if "stayed empty" in text]
    assert 'stayed empty: public.odd (new row for relation "odd" violates check constraint "odd_word_check")' in fact


def test_rows_of_the_teams_own_file_meet_the_later_migrations(chain: SmallChain) -> None:
    chain.settings["seeds"] = {"001_init.sql": "seed.sql"}
    (chain.folder / "seed.sql").write_text("INSERT INTO companies VALUES (gen_random_uuid(), 'no good name');")
    chain.add(
        "006_names.sql",
        "ALTER TABLE companies DROP CONSTRAINT IF EXISTS plain; "
        "ALTER TABLE companies ADD CONSTRAINT plain CHECK (name NOT LIKE '%good%');",
        "ALTER TABLE public.companies DROP CONSTRAINT IF EXISTS plain;",
    )
    result = chain.rehearsed()
    assert result.red == {"migrations-execute-with-rows"}
    assert 'check constraint "plain"' in result.reason("migrations-execute-with-rows")


def test_rows_that_cannot_be_written_are_told(chain: SmallChain) -> None:
    chain.settings["seeds"] = {"001_init.sql": "seed.sql"}
    (chain.folder / "seed.sql").write_text("INSERT INTO nobody VALUES (1);")
    result = chain.rehearsed()
    assert result.red == {"migrations-execute-with-rows"}
    assert 'seed.sql:1: relation "nobody" does not exist' in result.reason("migrations-execute-with-rows")


DUMP = """
\\restrict abc
CREATE TABLE public.companies (id uuid PRIMARY KEY, name text NOT NULL);
COPY public.companies (id, name) FROM stdin;
00000000-0000-0000-0000-000000000001\tTwice
00000000-0000-0000-0000-000000000002\tTwice
\\.
CREATE TABLE public.events (id uuid PRIMARY KEY, company_id uuid NOT NULL, kind text NOT NULL, amount integer,
    received_at timestamptz NOT NULL DEFAULT now());
\\unrestrict abc
"""


def test_the_chain_is_run_on_a_restored_dump_too(chain: SmallChain) -> None:
    chain.settings |= {"dump": "dump.sql", "dump_holds": "001_init.sql"}
    (chain.folder / "dump.sql").write_text(DUMP)
    chain.add(
        "006_names.sql",
        "CREATE UNIQUE INDEX IF NOT EXISTS own_name ON companies (name);",
        "DROP INDEX IF EXISTS public.own_name;",
    )
    result = chain.rehearsed()
    assert result.red == {"migrations-execute-with-rows"}
    assert "006_names.sql fails on the restored dump" in result.reason("migrations-execute-with-rows")
    assert result.seen.on_dump[0].name == "002_policies.sql"


@pytest.mark.parametrize(
    ("text", "words"),
    [(None, "dump.sql cannot be read: No such file"), ("SELECT nothing;", "dump.sql cannot be restored")],
)
def test_a_dump_that_cannot_be_restored_makes_its_line_inconclusive(
    chain: SmallChain, text: str | None, words: str
) -> None:
    chain.settings["dump"] = "dump.sql"
    if text is not None:
        (chain.folder / "dump.sql").write_text(text)
    result = chain.rehearsed()
    assert set(result.not_green) == {"migrations-execute-with-rows"}
    assert result.red == set()
    assert words in result.reason("migrations-execute-with-rows")


def test_a_deadlock_with_a_client_is_found(chain: SmallChain) -> None:
    chain.add(
        "006_months.sql",
        "CREATE TABLE IF NOT EXISTS months (n integer) PARTITION BY LIST (n);"
        "CREATE TABLE IF NOT EXISTS others PARTITION OF months DEFAULT;",
        "DROP TABLE IF EXISTS public.months;",
    )
    chain.add(
        "007_partition_first.sql",
        "LOCK TABLE others; SELECT pg_sleep(0.5) WHERE EXISTS (SELECT FROM others); LOCK TABLE months;",
        "SELECT 1;",
    )
    result = chain.rehearsed()
    assert result.red == {"no-long-locks"}
    assert "007_partition_first.sql: public.months: deadlock detected" in result.reason("no-long-locks")


def test_what_differs_between_versions_of_pg_dump_is_no_difference() -> None:
    old = [
        "--",
        "-- Dumped by pg_dump version 16.4",
        "SET row_security = off;",
        "CREATE TABLE a (",
        "    b integer",
        ");",
    ]
    new = [
        "\\restrict x1",
        "-- Dumped by pg_dump version 18.4",
        "CREATE TABLE a (",
        "    b integer,",
        ");",
        "\\unrestrict x1",
    ]
    assert normalised(old) == normalised(new)
