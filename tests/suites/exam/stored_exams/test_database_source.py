"""Reading what the database holds of the sessions of a ledger."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from psycopg import sql
from pydantic import SecretStr

from pytest_examday.config.environment import Environment
from pytest_examday.contract.description import PlatformDescription
from pytest_examday.contract.embedded_preset import CONTRACT, SCHEMA
from pytest_examday.contract.schema import COLUMNS, Schema
from pytest_examday.errors import Unmeasurable
from pytest_examday.integrity.stored_state import SubjectRef
from pytest_examday.load.ledger import LedgerWriter
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.suites.exam.stored_exams.database_source import DatabaseSource
from pytest_examday.suites.exam.stored_exams.reconcile_ledgers import reconcile_ledgers
from pytest_examday.target.connections import Connections
from pytest_examday.target.database import Connection
from pytest_examday.target.target import Target

SUBMITTED, ACTIVE = "00000000-0000-0000-0000-0000000000a1", "00000000-0000-0000-0000-0000000000a2"
PERSON = "00000000-0000-0000-0000-00000000000a"
FIRST, SECOND, THIRD = (f"00000000-0000-0000-0000-0000000000f{n}" for n in (1, 2, 3))


@pytest.fixture
def connection(clean: Connection) -> Connection:
    """A database with clean rows."""
    return clean


@pytest.fixture
def target(tmp_path: Path, connection: Connection, monkeypatch: pytest.MonkeyPatch) -> Target:
    """A run directory, and a platform whose database is the test's own transaction."""
    (tmp_path / "ledger").mkdir()
    environment = Environment.model_validate({"name": "test", "database_url": "postgresql://the-tests-own"})
    monkeypatch.setattr(Connections, "database", lambda connections: nullcontext(connection))
    return Target(environment, RunFiles(tmp_path, Redactor()), 0)


def described(schema: Schema) -> PlatformDescription:
    """The reference platform with other tables."""
    return PlatformDescription(schema_if_described=schema)


def sought(*ids: str) -> list[SubjectRef]:
    """These sessions, whoever opened them."""
    return [SubjectRef(one, "ada") for one in ids]


def test_a_session_comes_with_its_answers_and_its_frozen_key(connection: Connection) -> None:
    found = DatabaseSource(connection, SCHEMA).fetch(sought(SUBMITTED))
    assert list(found) == [SUBMITTED]
    session = found[SUBMITTED]
    assert (session.owner, session.status, session.score) == (PERSON, "SUBMITTED", 1)
    assert session.values == {FIRST: "A", SECOND: "B"}
    assert session.correct == {FIRST: "A", SECOND: "A", THIRD: "A"}
    assert session.late == ()


def test_answers_saved_after_the_submission_are_named(connection: Connection) -> None:
    connection.execute(
        f"UPDATE session_answers SET saved_at = now() + interval '2 minutes' "
        f"WHERE session_id = '{SUBMITTED}' AND question_id = '{SECOND}'".encode()
    )
    found = DatabaseSource(connection, SCHEMA).fetch(sought(SUBMITTED, ACTIVE))
    assert (found[SUBMITTED].late, found[ACTIVE].late) == ((SECOND,), ())


def test_a_log_that_ends_with_what_is_stored_has_nothing_to_say(connection: Connection) -> None:
    found = DatabaseSource(connection, SCHEMA).fetch(sought(SUBMITTED, ACTIVE))
    assert (found[SUBMITTED].log_differences, found[ACTIVE].log_differences) == ({}, {})
    assert found[SUBMITTED].last_logged_value(SECOND) == "B"


def test_events_are_told_latest_first_where_the_last_is_not_what_is_stored(connection: Connection) -> None:
    """Of two events of one moment the later id is the last."""
    connection.execute(
        f"INSERT INTO attempt_events (session_id, user_id, kind, question_id, choice, created_at) "
        f"SELECT '{SUBMITTED}', '{PERSON}', 'ANSWER', '{SECOND}', choice, now() + interval '1 second' "
        f"FROM unnest(ARRAY['D', 'E']) WITH ORDINALITY AS given (choice, place) ORDER BY place".encode()
    )
    session = DatabaseSource(connection, SCHEMA).fetch(sought(SUBMITTED))[SUBMITTED]
    assert session.log_differences == {SECOND: ("E", "D", "B", "C")}
    assert (session.last_logged_value(SECOND), session.last_logged_value(FIRST)) == ("E", "A")


def test_questions_that_only_one_of_answers_and_log_knows_are_told(connection: Connection) -> None:
    connection.execute(f"DELETE FROM attempt_events WHERE question_id = '{SECOND}'".encode())
    connection.execute(f"DELETE FROM session_answers WHERE question_id = '{FIRST}'".encode())
    found = DatabaseSource(connection, SCHEMA).fetch(sought(SUBMITTED, ACTIVE))
    assert found[SUBMITTED].log_differences == {FIRST: ("A",), SECOND: ()}
    assert (found[ACTIVE].values, found[ACTIVE].log_differences) == ({}, {FIRST: ("C",)})


def test_answers_that_were_logged_more_than_once_are_counted(connection: Connection) -> None:
    found = DatabaseSource(connection, SCHEMA).fetch(sought(SUBMITTED, ACTIVE))
    assert (found[SUBMITTED].times_logged, found[ACTIVE].times_logged) == ({SECOND: 2}, {})


def test_a_history_of_changes_that_is_gone_is_found(target: Target, connection: Connection) -> None:
    _sit(target.files.directory)
    connection.execute(f"DELETE FROM attempt_events {_OF_SECOND} AND choice = 'C'".encode())
    found = reconcile_ledgers(target, ("load.ledger.jsonl",))
    assert (found.changed_keys, found.history_missing, found.event_missing) == (1, 1, 0)
    assert found.differences[0].story == "acknowledged with 2 values in turn, and the platform's event history has 1"


def test_a_second_session_that_was_opened_at_the_same_time_is_reported(
    connection: Connection,
) -> None:
    second = "00000000-0000-0000-0000-0000000000a9"
    connection.execute(
        f"INSERT INTO exam_sessions (id, user_id, question_count, expires_at, created_at) VALUES "
        f"('{second}', '{PERSON}', 3, now(), now() + interval '3 seconds'), "
        f"('00000000-0000-0000-0000-0000000000a8', '{PERSON}', 3, now(), now() - interval '1 minute')".encode()
    )
    found = DatabaseSource(connection, SCHEMA).fetch(sought(SUBMITTED, ACTIVE))
    assert (found[SUBMITTED].opened_nearby, found[ACTIVE].opened_nearby) == ((second,), ())


@pytest.mark.parametrize("first", [ACTIVE, "00000000-0000-0000-0000-0000000000ff"], ids=["stored", "unknown"])
def test_a_session_from_before_the_first_of_the_run_is_not_reported(connection: Connection, first: str) -> None:
    earlier = "00000000-0000-0000-0000-0000000000a9"
    connection.execute(f"UPDATE exam_sessions SET created_at = now() WHERE id IN ('{SUBMITTED}', '{ACTIVE}')".encode())
    connection.execute(
        f"INSERT INTO exam_sessions (id, user_id, question_count, expires_at, created_at) VALUES "
        f"('{earlier}', '{PERSON}', 3, now(), now() - interval '3 seconds')".encode()
    )
    found = DatabaseSource(connection, SCHEMA, first).fetch(sought(SUBMITTED))
    assert found[SUBMITTED].opened_nearby == (() if first == ACTIVE else (earlier,))


def test_a_second_session_is_nobodys_fault_where_the_platform_has_no_keys(
    tmp_path: Path, target: Target, connection: Connection
) -> None:
    _sit(target.files.directory)
    connection.execute(
        f"INSERT INTO exam_sessions (user_id, question_count, expires_at) VALUES ('{PERSON}', 3, now())".encode()
    )
    assert reconcile_ledgers(target, ("load.ledger.jsonl",)).duplicate_sessions == 1
    contract = CONTRACT.model_copy(update={"idempotency_header": None})
    environment = target.environment.model_copy(update={"platform": PlatformDescription(contract=contract)})
    found = reconcile_ledgers(Target(environment, target.files, 0), ("load.ledger.jsonl",))
    assert (found.duplicate_sessions, found.unjudged) == (0, ("two sessions opened with one idempotency key",))


def test_an_event_of_no_question_is_about_none(connection: Connection) -> None:
    connection.execute(
        f"INSERT INTO attempt_events (session_id, user_id, kind) VALUES ('{SUBMITTED}', '{PERSON}', 'ANSWER')".encode()
    )
    assert DatabaseSource(connection, SCHEMA).fetch(sought(SUBMITTED))[SUBMITTED].log_differences == {}


def test_a_platform_without_a_log_of_answers_has_it_unjudged(connection: Connection) -> None:
    relations = {name: relation for name, relation in SCHEMA.relations.items() if name != "events"}
    without = DatabaseSource(connection, SCHEMA.model_copy(update={"relations": relations}))
    assert without.fetch(sought(SUBMITTED))[SUBMITTED].log_differences is None
    assert without.unjudged() == ("the platform's event history",)


def test_sessions_that_are_not_there_are_left_out(connection: Connection) -> None:
    absent = sought("00000000-0000-0000-0000-0000000000ee", "not even an id")
    assert DatabaseSource(connection, SCHEMA).fetch(absent) == {}
    assert DatabaseSource(connection, SCHEMA).fetch([]) == {}


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


def test_a_ledger_that_was_kept_has_no_findings(target: Target) -> None:
    _sit(target.files.directory)
    found = reconcile_ledgers(target, ("load.ledger.jsonl",))
    assert (found.differences, found.kept, found.scores_compared) == ((), 3, 1)
    assert (found.source, found.unjudged, found.unread) == ("database", (), 0)


def test_a_lost_update_is_found_in_the_database(target: Target) -> None:
    _sit(target.files.directory, second="D")
    found = reconcile_ledgers(target, ("load.ledger.jsonl",))
    assert (found.stale, found.losses, found.differences[0].key) == (1, 1, SECOND)


_OF_SECOND = f"WHERE kind = 'ANSWER' AND session_id = '{SUBMITTED}' AND question_id = '{SECOND}'"


@pytest.mark.parametrize(
    ("defect", "count"),
    [
        (f"DELETE FROM attempt_events {_OF_SECOND}", "event_missing"),
        (f"DELETE FROM attempt_events {_OF_SECOND} AND choice = 'B'", "event_missing"),
        (f"UPDATE attempt_events SET choice = 'E' {_OF_SECOND} AND choice = 'B'", "event_disagrees"),
        (
            f"UPDATE attempt_events SET created_at = now() + interval '1 second' {_OF_SECOND} AND choice = 'C'",
            "event_disagrees",
        ),
    ],
    ids=["no event", "the last event gone", "an event changed", "events in another order"],
)
def test_a_log_that_does_not_have_what_was_acknowledged_is_found(
    target: Target, connection: Connection, defect: str, count: str
) -> None:
    _sit(target.files.directory)
    connection.execute(defect.encode())
    found = reconcile_ledgers(target, ("load.ledger.jsonl",))
    counts = (found.event_missing, found.event_disagrees)
    assert counts == ((1, 0) if count == "event_missing" else (0, 1))
    assert (found.losses, found.kept, [one.key for one in found.differences]) == (0, 3, [SECOND])


def test_an_answer_that_is_lost_and_that_the_log_has_is_told_so(target: Target, connection: Connection) -> None:
    _sit(target.files.directory)
    connection.execute(
        f"DELETE FROM session_answers WHERE session_id = '{SUBMITTED}' AND question_id = '{SECOND}'".encode()
    )
    found = reconcile_ledgers(target, ("load.ledger.jsonl",))
    assert (found.lost, found.losses_in_history, found.event_missing, found.event_disagrees) == (1, 1, 0, 0)
    assert (
        found.differences[0].story == "acknowledged B and nothing is stored, though the platform's event history has it"
    )


@pytest.mark.parametrize("text", [None, "damage\n"], ids=["absent", "damaged"])
def test_a_ledger_that_cannot_be_read_is_unmeasurable(target: Target, text: str | None) -> None:
    if text is not None:
        (target.files.ledger / "load.ledger.jsonl").write_text(text)
    with pytest.raises(Unmeasurable, match="the ledger cannot be read"):
        reconcile_ledgers(target, ("load.ledger.jsonl",))


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
        f"INSERT INTO questions (session_id, question_id, correct) VALUES ('{one}', '{two}', 'B');"
        "INSERT INTO events (id, session_id, question_id, kind, value) "
        f"VALUES ('{one}', '{one}', '{two}', 'ANSWER', 'C')".encode()
    )
    return connection, Schema.model_validate({"name": "typed", "relations": relations}), identity


@pytest.mark.parametrize("typed", _AS_NUMBERS.items(), indirect=True, ids=_AS_NUMBERS)
def test_ids_may_be_of_any_type_and_what_cannot_be_an_id_is_not_there(typed: tuple[Connection, Schema, str]) -> None:
    connection, schema, identity = typed
    one, two = identity.format(n=1), identity.format(n=2)
    found = DatabaseSource(connection, schema).fetch(sought(one, two, *_SPOILT))
    assert list(found) == [one]
    assert (found[one].owner, found[one].score) == (two, 1)
    assert found[one].values == {two: "A"}
    assert found[one].correct == {two: "B"}
    assert found[one].log_differences == {two: ("C",)}


_HEX = "00000000-0000-0000-0000-00000000abc{n}"
_SPELT = {
    "upper case": ("text", _HEX.upper().replace("{N}", "{n}")),
    "upper case in a varchar": ("varchar(36)", _HEX.upper().replace("{N}", "{n}")),
    "without dashes": ("text", _HEX.replace("-", "")),
    "without dashes in a char": ("char(32)", _HEX.replace("-", "")),
    "in braces": ("text", f"{{{{{_HEX}}}}}"),
    "uuid": ("uuid", _HEX),
}
_TOLD = {
    "lower case": lambda text: text,
    "upper case": str.upper,
    "without dashes": lambda text: text.replace("-", ""),
    "in braces": lambda text: f"{{{text}}}",
}


@pytest.mark.parametrize("told", _TOLD.values(), ids=_TOLD)
@pytest.mark.parametrize("typed", _SPELT.values(), indirect=True, ids=_SPELT)
def test_ids_that_api_and_database_spell_differently_are_the_same(
    typed: tuple[Connection, Schema, str], told: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sessions, questions, owners: a spelling is no loss."""
    connection, schema, _ = typed
    session, other = told(_HEX.format(n=1)), told(_HEX.format(n=2))
    (tmp_path / "ledger").mkdir()
    ledger = LedgerWriter(tmp_path / "ledger" / "load.ledger.jsonl")
    ledger.settle(ledger.intend("create", "ada", other, None, "k"), "acknowledged", "ed-1", subject=session)
    ledger.settle(ledger.intend("answer", "ada", other, session, other, "C", 1), "acknowledged", "ed-2")
    ledger.settle(ledger.intend("submit", "ada", other, session, "k"), "acknowledged", "ed-3", result="0")
    ledger.close()
    connection.execute("UPDATE answers SET value = 'C'; UPDATE sessions SET score = 0")
    monkeypatch.setattr(Connections, "database", lambda connections: nullcontext(connection))
    environment = Environment(name="test", database_url=SecretStr("postgresql://own"), platform=described(schema))
    target = Target(environment, RunFiles(tmp_path, Redactor()), 0)
    found = reconcile_ledgers(target, ("load.ledger.jsonl",))
    assert (found.differences, found.kept, found.scores_compared) == ((), 1, 1)


@pytest.mark.parametrize("kind", ["integer", "jsonb", "mood"])
def test_values_of_any_type_are_read_as_a_ledger_writes_them(connection: Connection, kind: str) -> None:
    value = "CASE choice WHEN 'A' THEN 1 ELSE 2 END"
    expressions = {
        "integer": (value, {"1", "2"}),
        "jsonb": ("to_jsonb(choice)", {"A", "B"}),
        "mood": ("choice::mood", {"A", "B"}),
    }
    connection.execute("CREATE TYPE mood AS ENUM ('A', 'B', 'C')")
    given = SCHEMA.model_dump()
    given["relations"]["answers"]["columns"]["value"], expected = expressions[kind]
    given["relations"]["events"]["columns"]["value"] = expressions[kind][0]
    session = DatabaseSource(connection, Schema.model_validate(given)).fetch(sought(SUBMITTED))[SUBMITTED]
    assert set(session.values.values()) == expected
    assert session.log_differences == {}


@pytest.mark.parametrize("relation", ["exam_sessions", "session_answers", "session_questions", "attempt_events"])
def test_sessions_are_found_through_the_index(connection: Connection, relation: str) -> None:
    plans: list[str] = []

    class Explaining:
        def execute(
            self, query: sql.Composed, values: tuple[list[str], ...] | None = None, *, prepare: bool | None = None
        ) -> object:
            if values:
                rows = connection.execute(sql.SQL("EXPLAIN ") + query, values).fetchall()
                plans.extend(str(row["QUERY PLAN"]) for row in rows)
            return connection.execute(query, values, prepare=prepare)

    connection.execute("SET LOCAL enable_seqscan = off")
    DatabaseSource(Explaining(), SCHEMA).fetch(sought(SUBMITTED))  # type: ignore[arg-type] # a connection as far as it is used
    plan = "\n".join(plans)
    assert f"Seq Scan on {relation}" not in plan
    assert "Index Cond" in plan
