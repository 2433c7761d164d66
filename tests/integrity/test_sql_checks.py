"""The files of `sql/` against a real PostgreSQL: green on clean rows, red on the offence that each is for."""

import shutil
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import dict_row

from pytest_examday import resources
from pytest_examday.contract.embedded_preset import SCHEMA
from pytest_examday.contract.schema import COLUMNS, Schema
from pytest_examday.contract.sql_file import SqlFile, sql_file
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.reconciliation import SqlCheck
from pytest_examday.integrity import sql_checks as checks
from pytest_examday.integrity.bound_query import bound_query, trusted_sql
from pytest_examday.integrity.sql_checks import read_checks, read_query, run_checks, slowest_first
from pytest_examday.suites.exam.activities.integrity import summarise
from pytest_examday.suites.exam.lines.integrity import CHECKS
from pytest_examday.target.database import Connection
from tests import builders

NAMES = tuple(query.name for query in read_checks(CHECKS))
"""The checks of `sql/`; a file that `CHECKS` does not list is one of them."""
SUBMITTED = "'00000000-0000-0000-0000-0000000000a1'"
ACTIVE = "'00000000-0000-0000-0000-0000000000a2'"
NOBODYS = "'00000000-0000-0000-0000-0000000000dd'"
PERSON = "'00000000-0000-0000-0000-00000000000a'"
OTHER = "'00000000-0000-0000-0000-00000000000b'"
FIRST = "'00000000-0000-0000-0000-0000000000f1'"
CHANGED = "'00000000-0000-0000-0000-0000000000f2'"
UNASKED = "'00000000-0000-0000-0000-0000000000f9'"

_EVENT = "INSERT INTO attempt_events (session_id, user_id, kind) VALUES"
_ANSWER = "INSERT INTO session_answers (session_id, question_id, choice, sequence) VALUES"

OFFENCES = [
    (
        "orphaned_answers",
        "an answer whose session is gone",
        f"INSERT INTO session_questions VALUES ({NOBODYS}, {FIRST}, 1, 'A'); {_ANSWER} ({NOBODYS}, {FIRST}, 'A', 1)",
    ),
    ("duplicate_submits", "a second submit event", f"{_EVENT} ({SUBMITTED}, {PERSON}, 'SUBMIT')"),
    ("missing_answers", "an event without its answer", f"DELETE FROM session_answers WHERE session_id = {ACTIVE}"),
    (
        "missing_answers",
        "an event whose answer is gone from among others",
        f"DELETE FROM session_answers WHERE session_id = {SUBMITTED} AND question_id = {FIRST}",
    ),
    (
        "missing_answers",
        "an answer of two events that is gone counts once",
        f"DELETE FROM session_answers WHERE session_id = {SUBMITTED} AND question_id = {CHANGED}",
    ),
    ("unscored_sessions", "submitted and no score", f"UPDATE exam_sessions SET score = NULL WHERE id = {SUBMITTED}"),
    (
        "answer_question_mismatches",
        "an answer to a question that the session did not ask",
        f"{_ANSWER} ({ACTIVE}, {UNASKED}, 'A', 9)",
    ),
    ("orphaned_events", "an event whose session is gone", f"{_EVENT} ({NOBODYS}, {PERSON}, 'CREATE')"),
    (
        "inconsistent_status",
        "submitted without a time",
        f"UPDATE exam_sessions SET submitted_at = NULL WHERE id = {SUBMITTED}",
    ),
    (
        "inconsistent_status",
        "submitted without an event",
        f"DELETE FROM attempt_events WHERE kind = 'SUBMIT' AND session_id = {SUBMITTED}",
    ),
    (
        "inconsistent_status",
        "active with a submission time",
        f"UPDATE exam_sessions SET submitted_at = now() WHERE id = {ACTIVE}",
    ),
    ("inconsistent_status", "active with a submit event", f"{_EVENT} ({ACTIVE}, {OTHER}, 'SUBMIT')"),
    (
        "duplicate_results",
        "a session with two results",
        "ALTER TABLE exam_sessions DROP CONSTRAINT exam_sessions_pkey CASCADE;"
        f"INSERT INTO exam_sessions SELECT * FROM exam_sessions WHERE id = {SUBMITTED}",
    ),
    (
        "impossible_times",
        "submitted in an hour from now",
        f"UPDATE exam_sessions SET submitted_at = now() + interval '1 hour' WHERE id = {SUBMITTED}",
    ),
    (
        "impossible_times",
        "submitted before it was created",
        f"UPDATE exam_sessions SET submitted_at = created_at - interval '1 hour' WHERE id = {SUBMITTED}",
    ),
    (
        "impossible_times",
        "an answer of tomorrow",
        f"UPDATE session_answers SET saved_at = now() + interval '1 day' WHERE session_id = {ACTIVE}",
    ),
    (
        "impossible_times",
        "an answer from hours before its session",
        f"UPDATE session_answers SET saved_at = saved_at - interval '3 hours' "
        f"WHERE session_id = {SUBMITTED} AND question_id = {FIRST}",
    ),
    (
        "impossible_event_times",
        "an event of tomorrow",
        f"UPDATE attempt_events SET created_at = now() + interval '1 day' "
        f"WHERE session_id = {ACTIVE} AND kind = 'CREATE'",
    ),
    (
        "events_of_others",
        "an answer logged under another person",
        f"UPDATE attempt_events SET user_id = {PERSON} WHERE session_id = {ACTIVE} AND kind = 'ANSWER'",
    ),
    (
        "mastery_counts",
        "a topic moved twice at one submit, and logged once",
        f"UPDATE mastery SET total = 2 * total WHERE user_id = {PERSON} AND theme_id = 2",
    ),
    ("mastery_counts", "a topic that was not moved", f"DELETE FROM mastery WHERE user_id = {PERSON} AND theme_id = 1"),
    (
        "mastery_counts",
        "right answers that mastery does not count",
        f"UPDATE mastery SET correct = 0 WHERE user_id = {PERSON}",
    ),
    (
        "wrong_max_scores",
        "a maximum score of more than the questions",
        f"UPDATE exam_sessions SET max_score = 9 WHERE id = {SUBMITTED}",
    ),
    (
        "wrong_max_scores",
        "a score above its maximum",
        f"UPDATE exam_sessions SET score = 4 WHERE id = {SUBMITTED};"
        f"UPDATE mastery SET correct = 3 WHERE user_id = {PERSON} AND theme_id = 2",
    ),
    ("mastery_counts", "a person without mastery", f"DELETE FROM mastery WHERE user_id = {PERSON}"),
    (
        "duplicate_mastery_updates",
        "a topic moved twice",
        f"INSERT INTO mastery_updates (session_id, theme_id) VALUES ({SUBMITTED}, 2)",
    ),
]


def _counts(found: tuple[SqlCheck, ...]) -> dict[str, int]:
    return {check.name: check.count for check in found}


def test_all_checks_are_green_on_an_empty_database(connection: Connection) -> None:
    assert _counts(run_checks((connection,), SCHEMA)) == dict.fromkeys(NAMES, 0)


def test_all_checks_are_green_on_clean_rows(clean: Connection) -> None:
    assert _counts(run_checks((clean,), SCHEMA)) == dict.fromkeys(NAMES, 0)


@pytest.mark.parametrize(("name", "offence", "statement"), OFFENCES, ids=[offence for _, offence, _ in OFFENCES])
def test_an_offence_turns_its_own_check_red_and_no_other(
    clean: Connection, name: str, offence: str, statement: str
) -> None:
    clean.execute(statement.encode())
    assert _counts(run_checks((clean,), SCHEMA)) == {**dict.fromkeys(NAMES, 0), name: 1}


def test_two_connections_share_the_checks_and_give_them_in_their_order(server: str) -> None:
    with ExitStack() as stack:
        pair = [stack.enter_context(psycopg.connect(server, row_factory=dict_row, autocommit=True)) for _ in range(2)]
        found = run_checks(pair, SCHEMA, CHECKS)
    assert [check.name for check in found] == list(NAMES)


def test_slow_checks_begin_first_and_one_of_unknown_seconds_before_them(queries: Path) -> None:
    (queries / "invented.sql").write_text(f"{_header('invented')}SELECT 1")
    begun = [query.name for query in slowest_first(read_checks(CHECKS))]
    assert begun[:2] == ["invented", "missing_answers"]
    assert begun[-1] == "unscored_sessions"


def test_the_settings_of_the_checks_end_with_them(server: str) -> None:
    with psycopg.connect(server, row_factory=dict_row, autocommit=True) as connection:
        before = connection.execute("SELECT name, setting FROM pg_settings").fetchall()
        run_checks((connection,), SCHEMA)
        assert connection.execute("SELECT name, setting FROM pg_settings").fetchall() == before


def test_a_check_that_the_database_refuses_is_an_error_and_no_result(server: str) -> None:
    broken = SCHEMA.model_dump()
    broken["relations"]["mastery_updates"]["table"] = "nowhere"
    with (
        psycopg.connect(server, row_factory=dict_row, autocommit=True) as connection,
        pytest.raises(psycopg.errors.UndefinedTable, match="nowhere"),
    ):
        run_checks((connection,), Schema.model_validate(broken))


def test_every_check_has_an_offence_that_turns_it_red() -> None:
    lacking = set(NAMES) - {name for name, _, _ in OFFENCES}
    assert not lacking, f"add a row to OFFENCES in tests/integrity/test_sql_checks.py for each of {lacking}"


def test_a_red_check_shows_which_rows_offend(clean: Connection) -> None:
    clean.execute(f"UPDATE exam_sessions SET score = NULL WHERE id = {SUBMITTED}".encode())
    (check,) = [check for check in run_checks((clean,), SCHEMA) if check.count]
    assert check.sample[0]["session_id"] == SUBMITTED.strip("'")
    assert (check.title, check.file) == ("Unscored Sessions", "sql/unscored_sessions.sql")


def test_a_sample_is_short_and_the_count_is_whole(clean: Connection) -> None:
    clean.execute(f"{_EVENT[:-6]} SELECT gen_random_uuid(), {PERSON}, 'CREATE' FROM generate_series(1, 137)".encode())
    (check,) = [check for check in run_checks((clean,), SCHEMA) if check.count]
    assert (check.count, len(check.sample)) == (137, 20)


def test_the_summary_counts_each_table_by_itself(clean: Connection) -> None:
    summary = summarise(clean, SCHEMA)
    assert summary.model_dump() == {
        "sessions": 2,
        "submitted_sessions": 1,
        "answers": 3,
        "events": 7,
        "sessions_with_submit_event": 1,
    }


_TYPES = {
    **dict.fromkeys(("answered", "correct of mastery", "max_score"), "bigint"),
    **dict.fromkeys(("score", "sequence"), "integer"),
}
"""By column, or by column and relation if another relation has a column of the name."""
_MORE = {"sessions": ("max_score",), "events": ("owner",), "mastery": ("correct",)}


@pytest.fixture
def plain(connection: Connection) -> tuple[Connection, Schema]:
    """A platform whose tables are called like the relations, columns and all."""
    relations = {}
    connection.execute("CREATE SCHEMA plain; SET LOCAL search_path = plain")
    for name, needed in COLUMNS.items():
        columns = (*needed, *_MORE.get(name, ()))
        types = {one: _TYPES.get(f"{one} of {name}", _TYPES.get(one, "text")) for one in columns}
        fields = ", ".join(f"{column} {kind}" for column, kind in types.items())
        connection.execute(f"CREATE TABLE {name} ({fields})".encode())
        relations[name] = {"table": name, "columns": {column: column for column in columns}}
    return connection, Schema.model_validate({"name": "plain", "relations": relations})


def test_tables_may_be_called_like_the_relations(plain: tuple[Connection, Schema]) -> None:
    connection, schema = plain
    connection.execute("INSERT INTO sessions (id, status, submitted_at) VALUES ('s', 'SUBMITTED', 'now')")
    connection.execute("INSERT INTO events (id, session_id, kind) VALUES ('e', 's', 'SUBMIT')")
    counts = _counts(run_checks((connection,), schema))
    assert counts == {**dict.fromkeys(NAMES, 0), "unscored_sessions": 1}


def test_words_of_another_platform_are_mapped_in_its_column_expressions(plain: tuple[Connection, Schema]) -> None:
    connection, schema = plain
    given = schema.model_dump()
    given["relations"]["sessions"]["columns"]["status"] = (
        "CASE status WHEN 'finished' THEN 'SUBMITTED' ELSE 'ACTIVE' END"
    )
    connection.execute("INSERT INTO sessions (id, status) VALUES ('s', 'finished'), ('t', 'open')")
    assert summarise(connection, Schema.model_validate(given)).submitted_sessions == 1


@pytest.mark.parametrize(("ahead", "found"), [("5 hours", 0), ("1 day", 1)])
def test_a_time_without_a_zone_may_be_one_of_any_zone(plain: tuple[Connection, Schema], ahead: str, found: int) -> None:
    connection, schema = plain
    connection.execute("ALTER TABLE answers ALTER saved_at TYPE timestamp USING NULL")
    moment = f"now() AT TIME ZONE 'UTC' + interval '{ahead}'"
    connection.execute(f"INSERT INTO answers (session_id, saved_at) VALUES ('s', {moment})".encode())
    assert _counts(run_checks((connection,), schema))["impossible_times"] == found


_USUAL = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.mark.parametrize(
    ("owner", "found"), [(_USUAL.upper(), 0), (_USUAL.replace("-", ""), 0), (f"{{{_USUAL}}}", 0), ("ada", 1)]
)
def test_another_spelling_of_a_person_is_no_other_person(
    plain: tuple[Connection, Schema], owner: str, found: int
) -> None:
    connection, schema = plain
    connection.execute(
        f"""
        INSERT INTO sessions (id, owner, status, submitted_at, score) VALUES ('s', '{_USUAL}', 'SUBMITTED', 'now', 1);
        INSERT INTO questions (session_id, question_id, correct) VALUES ('s', 'q', 'A');
        INSERT INTO answers (session_id, question_id, value) VALUES ('s', 'q', 'A');
        INSERT INTO events (id, session_id, kind, owner) VALUES ('e', 's', 'SUBMIT', '{owner}');
        INSERT INTO mastery (owner, topic, answered, correct) VALUES ('{owner}', 't', 1, 1)
        """.encode()
    )
    counts = _counts(run_checks((connection,), schema))
    assert counts == {**dict.fromkeys(NAMES, 0), "events_of_others": found, "mastery_counts": 2 * found}


def test_an_answer_that_the_log_says_was_taken_back_is_not_missing(clean: Connection) -> None:
    clean.execute(f"DELETE FROM session_answers WHERE session_id = {ACTIVE}".encode())
    event = f"{_EVENT[:-8]}, question_id) VALUES ({ACTIVE}, {OTHER}, 'ANSWER', {FIRST})"
    clean.execute(event.encode())
    assert _counts(run_checks((clean,), SCHEMA))["missing_answers"] == 0


def test_answers_are_missing_of_a_log_without_values_too(plain: tuple[Connection, Schema]) -> None:
    connection, schema = plain
    connection.execute("INSERT INTO events (id, session_id, kind, question_id) VALUES ('e', 's', 'ANSWER', 'q')")
    assert _counts(run_checks((connection,), schema))["missing_answers"] == 1


def test_events_that_name_nobody_name_nobody_else(clean: Connection) -> None:
    events = SCHEMA.relations["events"]
    left_out = {name: expression for name, expression in events.columns.items() if name != "owner"}
    relations = SCHEMA.model_dump()["relations"] | {"events": {"table": events.table, "columns": left_out}}
    clean.execute(f"UPDATE attempt_events SET user_id = {PERSON}".encode())
    schema = Schema.model_validate({"name": "without names", "relations": relations})
    assert _counts(run_checks((clean,), schema))["events_of_others"] == 0
    assert _counts(run_checks((clean,), SCHEMA))["events_of_others"] == 2


def test_a_check_of_a_relation_that_the_platform_does_not_have_is_left_out(clean: Connection) -> None:
    relations = {name: relation for name, relation in SCHEMA.relations.items() if name != "mastery"}
    found = _counts(run_checks((clean,), SCHEMA.model_copy(update={"relations": relations})))
    assert found == dict.fromkeys(set(NAMES) - {"mastery_counts"}, 0)


@pytest.mark.parametrize(
    ("relation", "column"), [(relation, column) for relation, columns in COLUMNS.items() for column in columns]
)
def test_a_column_that_the_platform_lacks_may_be_null(
    plain: tuple[Connection, Schema], relation: str, column: str
) -> None:
    connection, schema = plain
    given = schema.model_dump()
    given["relations"][relation]["columns"][column] = "NULL"
    lacking = Schema.model_validate(given)
    assert set(_counts(run_checks((connection,), lacking)).values()) == {0}
    assert summarise(connection, lacking).submitted_sessions == 0


def test_a_query_may_bring_its_own_common_table_expressions(clean: Connection) -> None:
    query = "WITH mine AS (SELECT id FROM sessions WHERE status = 'ACTIVE') SELECT count(*) AS n FROM mine"
    row = clean.execute(bound_query(trusted_sql(query), SCHEMA)).fetchone()
    assert row == {"n": 1}


@pytest.mark.parametrize("name", [*NAMES, "summary"])
def test_every_file_tells_its_name_its_title_and_what_it_expects(name: str) -> None:
    query = read_query(name)
    assert (query.name, query.path.stem) == (name, name)
    assert query.title
    assert query.expect.startswith("one row" if name == "summary" else "no row")
    assert "--" not in query.text


@pytest.mark.parametrize(
    "header",
    ["", "-- name: other\n-- title: T\n-- expect: no row\n", "-- name: mine\n-- title: T\n"],
    ids=["none", "another name", "no expectation"],
)
def test_a_file_without_its_header_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, header: str) -> None:
    (tmp_path / "mine.sql").write_text(f"{header}SELECT 1")
    monkeypatch.setattr(checks, "folder", lambda name: tmp_path)
    with pytest.raises(Unmeasurable, match=r"mine.sql: the header comment must give name"):
        read_query("mine")


@pytest.fixture
def queries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder `sql/` as it would be with further files."""
    folder = tmp_path / "sql"
    shutil.copytree(resources.folder("sql"), folder)
    monkeypatch.setattr(checks, "folder", lambda name: folder)
    return folder


def _header(name: str, kind: str = "") -> str:
    return f"-- name: {name}\n-- title: {name.title()}\n-- expect: no row\n{kind}"


def test_every_further_file_is_run_after_the_listed_ones_and_becomes_evidence(clean: Connection, queries: Path) -> None:
    (queries / "invented_b.sql").write_text(f"{_header('invented_b')}SELECT id FROM sessions WHERE false")
    (queries / "invented_a.sql").write_text(f"{_header('invented_a')}SELECT id FROM sessions -- all")
    found = run_checks((clean,), SCHEMA, CHECKS)
    names = [check.name for check in found]
    assert names == [*CHECKS, *sorted({*NAMES, "invented_a", "invented_b"} - CHECKS.keys())]
    invented = [check for check in found if check.name.startswith("invented_")]
    assert [(check.title, check.file, check.count) for check in invented] == [
        ("Invented_A", "sql/invented_a.sql", 2),
        ("Invented_B", "sql/invented_b.sql", 0),
    ]


def test_rows_of_a_further_check_fail_the_line_of_other_checks(clean: Connection, queries: Path) -> None:
    """The file is all that has to be added."""
    (queries / "invented_a.sql").write_text(f"{_header('invented_a')}SELECT id FROM sessions ORDER BY id")
    evidence = builders.integrity().model_copy(update={"checks": run_checks((clean,), SCHEMA, CHECKS)})
    judged = builders.judged(**{**builders.good_run(), "integrity": evidence})
    red = {key: line.reason for key, line in judged.lines.items() if line.outcome != "pass"}
    first = "00000000-0000-0000-0000-0000000000a1"
    assert red == {"other-checks-find-nothing": f"Invented_A: 2 (first: id {first})"}
    assert [name for name, gate in judged.gates.items() if gate.outcome != "pass"] == ["no-corrupted-sessions"]


def test_a_further_file_may_have_columns_of_any_name_and_comments_of_any_words(
    clean: Connection, queries: Path
) -> None:
    text = "-- nothing about mastery\nSELECT id, 0 AS offending FROM sessions"
    (queries / "invented_b.sql").write_text(f"{_header('invented_b')}{text}")
    relations = {name: one for name, one in SCHEMA.relations.items() if name != "mastery"}
    schema = SCHEMA.model_copy(update={"relations": relations})
    (found,) = (check for check in run_checks((clean,), schema, CHECKS) if check.name == "invented_b")
    assert (found.count, found.sample[0]["offending"]) == (2, "0")


def test_a_file_of_another_kind_is_no_check(clean: Connection, queries: Path) -> None:
    (queries / "counts.sql").write_text(f"{_header('counts', '-- kind: summary')}\nSELECT 1")
    assert [check.name for check in run_checks((clean,), SCHEMA, CHECKS)] == list(NAMES)


def test_a_kind_that_there_is_not_is_refused(clean: Connection, queries: Path) -> None:
    (queries / "counts.sql").write_text(f"{_header('counts', '-- kind: sumary')}\nSELECT 1")
    with pytest.raises(Unmeasurable, match=r"counts.sql: kind 'sumary' is none of check, summary"):
        run_checks((clean,), SCHEMA)


def test_seconds_that_are_no_number_are_refused(queries: Path) -> None:
    (queries / "mine.sql").write_text(f"{_header('mine', '-- seconds: few')}\nSELECT 1")
    with pytest.raises(Unmeasurable, match=r"mine.sql: seconds 'few' is not a number"):
        read_checks()


def _own(folder: Path, name: str, text: str, severity: str = "failure") -> SqlFile:
    path = folder / "checks" / f"{name}.sql"
    return sql_file(path, f"{_header(name)}-- severity: {severity}\n{text}")


def _red(own: tuple[SqlCheck, ...]) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """The lines that own checks leave not passed, with outcome and reason; and the gates."""
    good = builders.integrity()
    evidence = good.model_copy(update={"checks": (*good.checks, *own)})
    judged = builders.judged(**{**builders.good_run(), "integrity": evidence})
    lines = {key: (str(line.outcome), line.reason) for key, line in judged.lines.items() if line.outcome != "pass"}
    return lines, [name for name, gate in judged.gates.items() if gate.outcome != "pass"]


def test_a_check_of_the_users_own_reads_relations_and_tables_and_comes_last(clean: Connection, tmp_path: Path) -> None:
    on_relation = _own(tmp_path, "a_relation", "SELECT id FROM sessions")
    on_table = _own(tmp_path, "b_table", "SELECT id FROM exam_sessions WHERE score > 100 -- none;")
    found = run_checks((clean,), SCHEMA, CHECKS, (on_relation, on_table))
    assert [(check.name, check.file, check.count) for check in found[-2:]] == [
        ("a_relation", "checks/a_relation.sql", 2),
        ("b_table", "checks/b_table.sql", 0),
    ]
    first = "00000000-0000-0000-0000-0000000000a1"
    told = {"other-checks-find-nothing": ("fail", f"A_Relation: 2 (first: id {first})")}
    assert _red(found[-2:]) == (told, ["no-corrupted-sessions"])


def test_rows_of_a_check_for_information_are_told_and_fail_nothing(clean: Connection, tmp_path: Path) -> None:
    own = _own(tmp_path, "idle", "SELECT id FROM sessions", "information")
    found = run_checks((clean,), SCHEMA, CHECKS, (own,))
    assert (found[-1].count, found[-1].severity) == (2, "information")
    assert _red(found[-1:]) == ({}, [])


def test_a_users_check_that_postgresql_refuses_is_inconclusive_alone(clean: Connection, tmp_path: Path) -> None:
    wrong = _own(tmp_path, "a_wrong", "SELECT nothing FROM sessions")
    writes = _own(tmp_path, "b_writes", "DELETE FROM session_answers RETURNING 1")
    right = _own(tmp_path, "c_right", "SELECT id FROM sessions")
    found = run_checks((clean,), SCHEMA, CHECKS, (wrong, writes, right))
    assert [check.count for check in found[-3:]] == [0, 0, 2]
    assert found[-1].problem is None
    lines, gates = _red(found[-3:-1])
    (outcome, reason) = lines["other-checks-find-nothing"]
    assert (outcome, gates) == ("inconclusive", ["no-corrupted-sessions"])
    assert 'A_Wrong: checks/a_wrong.sql could not be run: column "nothing" does not exist' in reason
    assert "B_Writes: checks/b_writes.sql could not be run: syntax error" in reason
    assert clean.execute("SELECT count(*) AS kept FROM session_answers").fetchone() == {"kept": 3}


def test_a_check_of_sql_that_postgresql_refuses_is_no_result(clean: Connection, queries: Path) -> None:
    (queries / "invented.sql").write_text(f"{_header('invented')}SELECT nothing FROM sessions")
    with pytest.raises(psycopg.errors.UndefinedColumn):
        run_checks((clean,), SCHEMA)
