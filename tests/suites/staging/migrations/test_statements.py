"""A file is split into statements as `psql` splits it."""

import pytest

from pytest_examday.suites.staging.migrations.script import Script
from pytest_examday.suites.staging.migrations.statements import split


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("SELECT 1; SELECT 2", ["SELECT 1;", "SELECT 2"]),
        ("SELECT ';', \"a;b\", E'\\';'; SELECT 2;", ["SELECT ';', \"a;b\", E'\\';';", "SELECT 2;"]),
        ("-- one; two\nSELECT 1; /* a; /* b; */ c; */ SELECT 2;", ["SELECT 1;", "SELECT 2;"]),
        ("DO $$ BEGIN NULL; END $$; SELECT 1;", ["DO $$ BEGIN NULL; END $$;", "SELECT 1;"]),
        ("DO $a$ SELECT $$;$$; $a$; SELECT $1;", ["DO $a$ SELECT $$;$$; $a$;", "SELECT $1;"]),
        (
            "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3;",
            ["CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);", "SELECT 3;"],
        ),
        (
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3;",
            [
                "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;",
                "SELECT 3;",
            ],
        ),
        (";;", []),
    ],
)
def test_statements_end_at_semicolons_outside_of_texts_and_bodies(text: str, statements: list[str]) -> None:
    assert [statement.text for statement in split(text)] == statements


def test_the_line_is_that_of_the_first_word() -> None:
    assert [statement.line for statement in split("\n-- a\nSELECT 1;\n\n/* b\n*/ SELECT\n2;")] == [3, 6]


@pytest.mark.parametrize(
    ("text", "in_transaction"),
    [
        ('CREATE TABLE a ("concurrently" int);', True),
        ("CREATE INDEX CONCURRENTLY i ON a (b);", False),
        ("SELECT 1; DROP INDEX CONCURRENTLY i;", False),
        ("ALTER TYPE mood ADD VALUE 'bad';", False),
        ("ALTER TYPE mood ADD ATTRIBUTE value int;", True),
        ("ALTER TABLE a DETACH PARTITION b CONCURRENTLY;", False),
        ("VACUUM a;", False),
        ("BEGIN; SELECT 1; COMMIT;", False),
        ("-- no-transaction\nSELECT 1;", False),
        ("-- no transaction: it takes long\nSELECT 1;", False),
        ("-- +goose NO TRANSACTION\nSELECT 1;", False),
        ("SELECT 'VACUUM; CREATE INDEX CONCURRENTLY';", True),
    ],
)
def test_a_file_runs_in_one_transaction_unless_it_says_or_needs_otherwise(text: str, in_transaction: bool) -> None:
    assert Script("a.sql", text).in_transaction is in_transaction
