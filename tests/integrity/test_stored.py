"""Reading what the database holds of the sessions of a ledger."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_examday.contract.reference import SCHEMA
from pytest_examday.contract.schema import COLUMNS, Schema
from pytest_examday.errors import Unmeasurable
from pytest_examday.integrity.ledgers import reconcile_ledgers
from pytest_examday.integrity.stored import Stored
from pytest_examday.load.ledger import LedgerWriter
from pytest_examday.site import Connection
from tests.integrity.test_sql_checks import CLEAN

SUBMITTED, ACTIVE = "00000000-0000-0000-0000-0000000000a1", "00000000-0000-0000-0000-0000000000a2"
PERSON = "00000000-0000-0000-0000-00000000000a"
FIRST, SECOND, THIRD = (f"00000000-0000-0000-0000-0000000000f{n}" for n in (1, 2, 3))


class _Site(SimpleNamespace):
    """A site whose database is the test's own transaction."""

    connection: Connection

    @contextmanager
    def database(self) -> Iterator[Connection]:
        yield self.connection


@pytest.fixture
def site(tmp_path: Path, connection: Connection) -> _Site:
    """A run directory and a database with clean rows."""
    connection.execute(CLEAN.encode())
    (tmp_path / "ledger").mkdir()
    return _Site(directory=tmp_path, schema=SCHEMA, connection=connection)


def test_a_session_comes_with_its_answers_and_its_frozen_key(site: _Site) -> None:
    found = Stored(site.connection, SCHEMA).fetch([SUBMITTED])
    assert list(found) == [SUBMITTED]
    session = found[SUBMITTED]
    assert (session.owner, session.status, session.score) == (PERSON, "SUBMITTED", 1)
    assert {key: answer.value for key, answer in session.answers.items()} == {FIRST: "A", SECOND: "B"}
    assert session.correct == {FIRST: "A", SECOND: "A", THIRD: "A"}


def test_sessions_that_are_not_there_are_left_out(site: _Site) -> None:
    assert Stored(site.connection, SCHEMA).fetch(["00000000-0000-0000-0000-0000000000ee", "not even an id"]) == {}
    assert Stored(site.connection, SCHEMA).fetch([]) == {}


def _sit(folder: Path, *, second: str = "B") -> None:
    ledger = LedgerWriter(folder / "ledger" / "load.ledger.jsonl")
    created = ledger.intend("create", "ada", PERSON, None, "k")
    ledger.settle(created, "acknowledged", "ed-1", subject=SUBMITTED)
    for number, (question, value) in enumerate(((FIRST, "A"), (SECOND, "C"), (SECOND, second)), start=1):
        answered = ledger.intend("answer", "ada", PERSON, SUBMITTED, question, value, number)
        ledger.settle(answered, "acknowledged", f"ed-{number + 1}")
    submitted = ledger.intend("submit", "ada", PERSON, SUBMITTED, "k")
    ledger.settle(submitted, "acknowledged", "ed-9", result="1")
    ledger.close()


def test_a_ledger_that_was_kept_has_no_findings(site: _Site) -> None:
    _sit(site.directory)
    found = reconcile_ledgers(site, ("load.ledger.jsonl",))  # type: ignore[arg-type] # a site as far as it is used
    assert (found.findings, found.kept, found.scores_compared) == ((), 3, 1)


def test_a_lost_update_is_found_in_the_database(site: _Site) -> None:
    _sit(site.directory, second="D")
    found = reconcile_ledgers(site, ("load.ledger.jsonl",))  # type: ignore[arg-type] # a site as far as it is used
    assert (found.stale, found.losses, found.findings[0].question_id) == (1, 1, SECOND)


@pytest.mark.parametrize("text", [None, "damage\n"], ids=["absent", "damaged"])
def test_a_ledger_that_cannot_be_read_is_unmeasurable(site: _Site, text: str | None) -> None:
    if text is not None:
        (site.directory / "ledger" / "load.ledger.jsonl").write_text(text)
    with pytest.raises(Unmeasurable, match="the ledger cannot be read"):
        reconcile_ledgers(site, ("load.ledger.jsonl",))  # type: ignore[arg-type] # a site as far as it is used


_AS_NUMBERS = {"uuid": "00000000-0000-0000-0000-00000000000{n}", "bigint": "{n}", "integer": "{n}", "text": "s-{n}"}
_AS_NUMBERS |= {"varchar(20)": "s-{n}", "numeric": "{n}.50"}
_SPOILT = ["", "0", "01", "\u0661", "99999999999999999999", "-", "s-1 ", "00000000000000000000000000000001"]


@pytest.fixture
def typed(connection: Connection, request: pytest.FixtureRequest) -> tuple[Connection, Schema, str]:
    """A platform with one session, whose ids are of the type that the test asks for."""
    kind, identity = request.param
    connection.execute("CREATE SCHEMA typed; SET LOCAL search_path = typed")
    relations = {}
    for name, columns in COLUMNS.items():
        types = {column: kind for column in columns if column in ("id", "session_id", "question_id", "owner")}
        types |= {"saved_at": "timestamptz", "submitted_at": "timestamptz", "score": "integer", "sequence": "integer"}
        fields = ", ".join(f"{column} {types.get(column, 'text')}" for column in columns)
        connection.execute(f"CREATE TABLE {name} ({fields})".encode())
        relations[name] = {"table": name, "columns": {column: column for column in columns}}
    one, two = identity.format(n=1), identity.format(n=2)
    connection.execute(
        f"INSERT INTO sessions (id, owner, status, score) VALUES ('{one}', '{two}', 'SUBMITTED', 1);"
        f"INSERT INTO answers (session_id, question_id, value, saved_at) VALUES ('{one}', '{two}', 'A', now());"
        f"INSERT INTO questions (session_id, question_id, correct) VALUES ('{one}', '{two}', 'B')".encode()
    )
    return connection, Schema.model_validate({"name": "typed", "relations": relations}), identity


@pytest.mark.parametrize("typed", _AS_NUMBERS.items(), indirect=True, ids=_AS_NUMBERS)
def test_ids_may_be_of_any_type_and_what_cannot_be_an_id_is_not_there(typed: tuple[Connection, Schema, str]) -> None:
    connection, schema, identity = typed
    one, two = identity.format(n=1), identity.format(n=2)
    found = Stored(connection, schema).fetch([one, two, *_SPOILT])
    assert list(found) == [one]
    assert (found[one].owner, found[one].score) == (two, 1)
    assert {key: answer.value for key, answer in found[one].answers.items()} == {two: "A"}
    assert found[one].correct == {two: "B"}


@pytest.mark.parametrize("kind", ["integer", "jsonb", "mood"])
def test_values_of_any_type_are_read_as_a_ledger_writes_them(site: _Site, kind: str) -> None:
    value = "CASE choice WHEN 'A' THEN 1 ELSE 2 END"
    expressions = {
        "integer": (value, {"1", "2"}),
        "jsonb": ("to_jsonb(choice)", {"A", "B"}),
        "mood": ("choice::mood", {"A", "B"}),
    }
    site.connection.execute("CREATE TYPE mood AS ENUM ('A', 'B', 'C')")
    given = SCHEMA.model_dump()
    given["relations"]["answers"]["columns"]["value"], expected = expressions[kind]
    found = Stored(site.connection, Schema.model_validate(given)).fetch([SUBMITTED])
    assert {answer.value for answer in found[SUBMITTED].answers.values()} == expected


@pytest.mark.parametrize("relation", ["exam_sessions", "session_answers", "session_questions"])
def test_sessions_are_found_through_the_index(site: _Site, relation: str) -> None:
    plans: list[str] = []

    class Explaining:
        def execute(
            self, query: bytes, values: tuple[list[str]] | None = None, *, prepare: bool | None = None
        ) -> object:
            if values:
                rows = site.connection.execute(b"EXPLAIN " + query, values).fetchall()
                plans.extend(str(row["QUERY PLAN"]) for row in rows)
            return site.connection.execute(query, values, prepare=prepare)

    site.connection.execute("SET LOCAL enable_seqscan = off")
    Stored(Explaining(), SCHEMA).fetch([SUBMITTED])  # type: ignore[arg-type] # a connection as far as it is used
    plan = "\n".join(plans)
    assert f"Seq Scan on {relation}" not in plan
    assert "Index Cond" in plan
