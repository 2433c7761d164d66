"""`python -m pytest_examday clean` removes what one run has opened, and nothing else."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from pytest_examday.__main__ import main
from pytest_examday.evidence.envelope import Evidence
from pytest_examday.load.ledger import LedgerWriter
from pytest_examday.run.files import RunFiles
from pytest_examday.run.identity import write_identity
from pytest_examday.run.redaction import Redactor
from tests import builders
from tests.load.fake_exam import FakeExam
from tests.load.server import serving

_ID = "00000000-0000-0000-0000-0000000000{:02x}"
BY_LOAD, BY_CALL, OF_OTHERS, OLDER = (_ID.format(number) for number in (0xC1, 0xC2, 0xC3, 0xC4))
_CONFIG = """
[env.staging]
api_url = "{url}"
{more}
[env.staging.clean_up]
{how}
"""
_DATABASE = """
allow = ["read", "write"]
schema = "reference"
database_url = "{server}"
write_database_url = "{server}"
"""
_DELETE = 'sql = "DELETE FROM exam_sessions WHERE id::text = ANY ({session_ids})"'
Said = pytest.CaptureFixture[str]
Clean = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said) -> Clean:
    """Runs the command on a run that has opened an exam by a load, one by a call, and was told an older one; returns
    the exit status and what it said."""
    monkeypatch.setenv("EXAMDAY_STATE_DIR", str(tmp_path / "states"))
    monkeypatch.chdir(tmp_path)
    run = tmp_path / "run"
    for folder in ("ledger", "evidence"):
        (run / folder).mkdir(parents=True)
    write_identity(run, "staging", "smoke")
    files, now = RunFiles(run, Redactor()), datetime.now(UTC)
    preflight = builders.preflight(api_url="http://127.0.0.1:1")
    files.store.write(Evidence(activity="preflight", started=now, ended=now, record=preflight, unmeasured=None))
    ledger = LedgerWriter(run / "ledger" / "load.ledger.jsonl")
    ledger.settle(ledger.intend("create", "a@exam.example", None, None), "acknowledged", "ed-1", subject=BY_LOAD)
    ledger.intend("create", "b@exam.example", None, None)
    ledger.close()
    for exam in (BY_CALL.upper(), OLDER, BY_CALL.upper()):
        files.note_opened(exam)

    def cleaned(
        *options: str, how: str = _DELETE, more: str = 'allow = ["read", "write"]', url: str = "http://127.0.0.1:1"
    ) -> tuple[int, list[str]]:
        (tmp_path / "examday.toml").write_text(_CONFIG.format(url=url, how=how, more=more))
        status = main(["clean", "run", "--env", "staging", *options])
        told = capsys.readouterr()
        lines = [*told.out.splitlines(), *told.err.splitlines()]
        return status, [line for line in lines if not line.startswith("run ")]

    return cleaned


@pytest.fixture
def stored(server: str) -> Iterator[Callable[[], set[str]]]:
    """The exams that the database has; at first the two of the run, one of somebody else, and an older one."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for exam in (BY_LOAD, BY_CALL, OF_OTHERS, OLDER):
            connection.execute(
                "INSERT INTO exam_sessions (id, user_id, status, question_count, created_at, expires_at, max_score)"
                " VALUES (%s, gen_random_uuid(), 'ACTIVE', 3, now() - %s::interval, now(), 3)",
                (exam, "1 day" if exam == OLDER else "0"),
            )
        yield lambda: {str(row[0]) for row in connection.execute("SELECT id FROM exam_sessions").fetchall()}
        connection.execute("DELETE FROM exam_sessions")


def test_what_the_run_has_opened_is_removed_and_nothing_else(
    clean: Clean, stored: Callable[[], set[str]], server: str
) -> None:
    more = _DATABASE.format(server=server)
    seen = ["in the database: 3 of them", "left alone, because they are older than the run: 1"]
    rows = "env.staging.clean_up.sql, statement 1 of 1: 2 rows"
    assert clean("--dry-run", more=more) == (
        0,
        [*seen, rows, "a dry run: 2 exams would be removed, and nothing was"],
    )
    assert stored() == {BY_LOAD, BY_CALL, OF_OTHERS, OLDER}
    assert clean(more=more) == (0, [*seen, rows, "2 exams removed, 0 left in the database"])
    assert stored() == {OF_OTHERS, OLDER}
    assert clean(more=more)[1][-1] == "nothing to remove"


@pytest.mark.parametrize(
    ("statement", "others"),
    [
        ("DELETE FROM exam_sessions WHERE id::text = ANY ({session_ids}) OR true", "2 exams"),
        ("DELETE FROM session_answers WHERE {session_ids} IS NOT NULL", "1 answers to exams"),
    ],
)
def test_sql_that_would_remove_what_belongs_to_others_removes_nothing(
    clean: Clean, stored: Callable[[], set[str]], server: str, statement: str, others: str
) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            "INSERT INTO session_answers (session_id, question_id, choice, sequence)"
            " VALUES (gen_random_uuid(), gen_random_uuid(), 'A', 1)"
        )
        status, lines = clean(how=f'sql = "{statement}"', more=_DATABASE.format(server=server))
        kept = connection.execute("DELETE FROM session_answers").rowcount
    assert (status, kept, len(stored())) == (1, 1, 4)
    assert lines[-1] == (
        f"env.staging.clean_up.sql would remove {others} that this run has not opened, so nothing was removed"
    )


def test_sql_that_removes_too_little_is_told(clean: Clean, stored: Callable[[], set[str]], server: str) -> None:
    how = f"""sql = "DELETE FROM exam_sessions WHERE id::text = ANY ({{session_ids}}) AND id <> '{BY_LOAD}'" """
    status, lines = clean(how=how, more=_DATABASE.format(server=server))
    assert (status, lines[-1]) == (1, "1 exams removed, 1 left in the database")
    assert stored() == {BY_LOAD, OF_OTHERS, OLDER}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("", "environment 'staging' allows read; clean_up needs 'write' in env.staging.allow"),
        (
            'allow = ["read", "write"]\nproduction = true',
            "environment 'staging' is production (env.staging.production says so); clean_up needs "
            "--examday-confirm staging on the command line",
        ),
    ],
    ids=["not allowed", "production"],
)
def test_nothing_is_removed_without_permission(clean: Clean, tmp_path: Path, more: str, told: str) -> None:
    assert clean(how=f'command = "touch {tmp_path}/done"', more=more) == (1, [told])
    assert not (tmp_path / "done").exists()


def test_a_command_finds_the_ids_in_a_file(clean: Clean, tmp_path: Path) -> None:
    how = f"""command = 'cp "$EXAMDAY_SESSION_IDS" {tmp_path}/ids'"""
    assert clean("--dry-run", how=how)[1] == [
        "env.staging.clean_up.command is not tried: it cannot be taken back",
        "a dry run: 3 exams would be removed, and nothing was",
    ]
    assert not (tmp_path / "ids").exists()
    status, lines = clean(how=how)
    assert (status, lines[-1]) == (0, "without database_url nobody has looked whether they are gone")
    assert (tmp_path / "ids").read_text().split() == [BY_LOAD, BY_CALL.upper(), OLDER]


def test_an_operation_is_called_for_each_exam(clean: Clean, tmp_path: Path) -> None:
    """The platform here has no such operation and answers as to a submit; what counts is what was called."""
    exam = FakeExam()
    with serving(exam) as url:
        preflight = json.loads((tmp_path / "run" / "evidence" / "preflight.json").read_text())
        preflight["record"]["api_url"] = url
        (tmp_path / "run" / "evidence" / "preflight.json").write_text(json.dumps(preflight))
        how = 'operation = { call = "POST /v1/sessions/{session_id}/submit", auth = "none" }'
        status, lines = clean(how=how, url=url)
    assert [call.operation for call in exam.seen] == ["submit"] * 3
    assert (status, lines[0]) == (0, "POST /v1/sessions/{session_id}/submit: 3 exams removed, 0 were gone already")


def test_a_run_of_another_platform_is_refused(clean: Clean) -> None:
    told = "its run reached http://127.0.0.1:1, and env.staging is http://127.0.0.1:2"
    status, lines = clean(how='command = "true"', url="http://127.0.0.1:2")
    assert (status, len(lines)) == (4, 1)
    assert lines[0].endswith(told)


def test_the_exams_of_a_run_that_was_killed_are_removed_too(
    clean: Clean, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "examday.toml").write_text(
        _CONFIG.format(url="http://127.0.0.1:1", how='command = "true"', more='allow = ["read", "write"]')
    )
    with (tmp_path / "run" / "opened.jsonl").open("a") as file:
        file.write('"cut sho')
    assert main(["clean", "run", "--env", "staging"]) == 0
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first.endswith("did not come to its end, so nobody knows whether its files were changed since")
    assert second.endswith(": 3 exams opened")


def test_a_run_that_was_altered_is_refused(clean: Clean, tmp_path: Path) -> None:
    (tmp_path / "run" / "manifest.json").write_text('{"schema": "examday/manifest/1", "sha256": {"run.json": "0"}}')
    status, lines = clean(how='command = "true"')
    assert status == 4
    assert "not as its run left it: evidence/preflight.json is not listed in manifest.json" in lines[0]
