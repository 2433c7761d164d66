"""The database is calibrated before it contradicts a ledger: what it does not show although the API shows it is
nobody's loss, and what both deny is."""

import asyncio
import shutil
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pytest_examday.contract.embedded_preset import CONTRACT, SCHEMA
from pytest_examday.errors import Unmeasurable
from pytest_examday.integrity.uuid_spelling import canonical
from pytest_examday.local_servers import ports, postgres
from pytest_examday.suites.exam.activities import integrity
from pytest_examday.suites.exam.stored_exams import calibration
from pytest_examday.suites.exam.stored_exams.view_of_database import ViewOfDatabase
from pytest_examday.target.database import read_only
from tests import builders
from tests.platform.platform_harness import Platform
from tests.suites.exam.stored_exams.sat_exam import Begin, Exam


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that does not show the exam is not waited for in each of these tests."""
    monkeypatch.setattr(calibration, "PATIENCE_SECONDS", 0.0)


_ONE_ANSWER = "DELETE FROM session_answers WHERE session_id = %s AND question_id = %s"


def _database(platform: Platform, **changes: Any) -> dict[str, Any]:
    """The environment's access to the database; `changes` are other tables and column expressions by relation."""
    given = SCHEMA.model_dump()
    for name, relation in changes.items():
        given["relations"][name]["table"] = relation.pop("table", given["relations"][name]["table"])
        given["relations"][name]["columns"].update(relation)
    return {"database_url": platform.state["database_url"], "platform": {"schema_if_described": given}}


def _sat(begin: Begin, **settings: Any) -> Exam:
    """Three answers, submitted."""
    exam = begin("run", **settings)
    for number in range(3):
        exam.answer(number)
    exam.submit()
    return exam


def test_where_nothing_is_missing_nobody_is_asked_for_an_exam_of_his_own(begin: Begin, platform: Platform) -> None:
    exam = _sat(begin, **_database(platform))
    found = exam.reconciled()
    assert (found.differences, found.kept, found.not_shown) == ((), 3, ())
    assert (exam.target.files.directory / ".accounts").read_text() == "1"


def _usual(sample: tuple[dict[str, str | None], ...]) -> set[str]:
    return {canonical(value) for row in sample for value in row.values() if value is not None}


_UPPER = "upper({}::text)"
_BARE = "replace({}::text, '-', '')"


@pytest.mark.parametrize("spelt", [_UPPER, _BARE, "'{{' || {} || '}}'"], ids=["upper case", "without dashes", "braces"])
def test_ids_may_be_spelled_in_another_way(begin: Begin, platform: Platform, spelt: str) -> None:
    session = {"session_id": spelt.format("session_id"), "question_id": spelt.format("question_id")}
    changes = {
        "sessions": {"id": spelt.format("id"), "owner": spelt.format("user_id")},
        **{name: dict(session) for name in ("questions", "answers")},
        "events": {**session, "owner": spelt.format("user_id")},
        "mastery_updates": {"session_id": session["session_id"]},
        "mastery": {"owner": spelt.format("user_id")},
    }
    exam = _sat(begin, **_database(platform, **changes))
    evidence = integrity.gather(exam.target)
    assert (evidence.reconciliation.differences, evidence.reconciliation.kept) == ((), 3)
    offending = [check for check in evidence.checks if canonical(exam.id) in _usual(check.sample)]
    assert offending == [], "exams of other tests are damaged, and this one is whole"


_STOOD_STILL = "(SELECT * FROM exam_sessions WHERE created_at < '2001-01-01')"
_OF_SESSIONS = (
    "the database does not show what the API shows of the rehearsal's own session "
    r"[0-9a-f-]+ \(\S+@\S+, submitted at [\d:]+ UTC\): "
)
BLIND: dict[str, tuple[dict[str, Any], str]] = {
    "an id of its own": (
        {
            "sessions": {"id": "'S-' || upper(left(id::text, 8))"},
            **{
                name: {"session_id": "'S-' || upper(left(session_id::text, 8))"}
                for name in ("questions", "answers", "events", "mastery_updates")
            },
        },
        r"the session is gone, and 4 acknowledged answers with it \(its newest session is S-[0-9A-F]{8}\)",
    ),
    "a snapshot": (
        {"sessions": {"table": _STOOD_STILL}},
        r"the session is gone, and 4 acknowledged answers with it \(it holds no session\)",
    ),
    "answers elsewhere": (
        {"answers": {"table": "(SELECT * FROM session_answers WHERE false)"}},
        r".*acknowledged A and nothing is stored",
    ),
    "values in other words": (
        {"answers": {"value": "'choice ' || choice"}},
        r".*acknowledged A and choice A is stored",
    ),
    "questions by another id": (
        {name: {"question_id": "md5(question_id::text)"} for name in ("questions", "answers", "events")},
        r".*nothing is stored.*",
    ),
    "a status in other words": (
        {"sessions": {"status": "lower(status)"}},
        r"the submission was acknowledged and the session is submitted",
    ),
    "rows beforehand": (
        {
            "answers": {
                "table": "(SELECT q.session_id, q.question_id, coalesce(a.choice, 'none') AS choice, a.sequence, "
                "a.saved_at FROM session_questions q LEFT JOIN session_answers a USING (session_id, question_id)) AS x"
            }
        },
        r"stored, and sent by nobody",
    ),
}


@pytest.mark.parametrize(("changes", "cause"), BLIND.values(), ids=BLIND)
def test_what_the_database_does_not_show_and_the_api_does_is_no_loss(
    begin: Begin, platform: Platform, changes: dict[str, Any], cause: str
) -> None:
    exam = _sat(begin, **_database(platform, **{name: dict(change) for name, change in changes.items()}))
    with pytest.raises(Unmeasurable, match=_OF_SESSIONS + cause):
        exam.reconciled()


PARTLY: dict[str, tuple[dict[str, Any], str]] = {
    "owners by another id": (
        {"sessions": {"owner": "md5(user_id::text)"}, "mastery": {"owner": "md5(user_id::text)"}},
        r"opened by \S+ and now owned by \S+",
    ),
    "times of another clock": (
        {"answers": {"saved_at": "saved_at + interval '2 hours'"}},
        "saved after the submission",
    ),
}


@pytest.mark.parametrize(("changes", "cause"), PARTLY.values(), ids=PARTLY)
def test_an_unusual_form_in_the_database_leaves_open_its_own_line_alone(
    begin: Begin, platform: Platform, changes: dict[str, Any], cause: str
) -> None:
    exam = _sat(begin, **_database(platform, **{name: dict(change) for name, change in changes.items()}))
    found = exam.reconciled()
    assert (found.differences, found.kept) == ((), 3)
    judged = builders.judged(integrity=builders.integrity().model_copy(update={"reconciliation": found}))
    red = {key: one for key, one in judged.lines.items() if one.outcome != "pass"}
    assert {key: one.outcome for key, one in red.items()} == {"nothing-is-stored-that-nobody-sent": "inconclusive"}
    assert cause.split("\\", maxsplit=1)[0] in red["nothing-is-stored-that-nobody-sent"].reason


def test_a_loss_is_a_loss_where_the_database_shows_the_rehearsals_own_session(begin: Begin, platform: Platform) -> None:
    exam = _sat(begin, **_database(platform))
    exam.damage(
        "DELETE FROM session_answers WHERE session_id = %s AND question_id = %s", exam.candidate.questions[1]["id"]
    )
    found = exam.reconciled()
    assert (found.lost, found.kept, found.harmed) == (1, 2, (exam.name,))
    assert (exam.target.files.directory / ".accounts").read_text() == "2"


def test_what_api_and_database_deny_is_lost(begin: Begin, platform: Platform) -> None:
    """A platform that keeps nothing of what it acknowledges cannot say that its database is no witness."""
    exam = _sat(begin, **_database(platform))
    platform.tamper(
        "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
        "$$ BEGIN DELETE FROM session_answers WHERE session_id = NEW.session_id; RETURN NULL; END $$;"
        "CREATE TRIGGER forget AFTER INSERT ON session_answers FOR EACH ROW EXECUTE FUNCTION forget()"
    )
    try:
        exam.damage("DELETE FROM session_answers WHERE session_id = %s")
        found = exam.reconciled()
    finally:
        platform.tamper("DROP FUNCTION forget CASCADE")
    assert (found.lost, found.kept) == (3, 0)


def test_a_source_that_lags_is_waited_for_and_compared_again(
    begin: Begin, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibration, "PATIENCE_SECONDS", 20.0)
    late = "(SELECT * FROM exam_sessions WHERE submitted_at < clock_timestamp() - interval '1 second') AS late"
    exam = _sat(begin, **_database(platform, sessions={"table": late}))
    found = exam.reconciled()
    assert (found.differences, found.kept) == ((), 3)


def test_losses_without_a_calibration_account_need_answers_that_were_kept(begin: Begin, platform: Platform) -> None:
    exam = _sat(begin, **_database(platform))
    exam.target.accounts.take(1)
    one, *others = (question["id"] for question in exam.candidate.questions[:3])
    exam.damage(_ONE_ANSWER, one)
    assert exam.reconciled().lost == 1
    for other in others:
        exam.damage(_ONE_ANSWER, other)
    with pytest.raises(Unmeasurable, match=r"none of 3 acknowledged answers .* 1 more candidates are needed"):
        exam.reconciled()


HIDING = ("exam_sessions", "session_answers", "session_questions", "attempt_events", "mastery_updates")


@pytest.fixture
def hidden(platform: Platform, request: pytest.FixtureRequest) -> Iterator[str]:
    """The table of which row level security shows the auditor no row."""
    table = request.param
    platform.tamper(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; CREATE POLICY app ON {table} TO exam_app USING (true)"
    )
    yield table
    platform.tamper(f"DROP POLICY app ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


@pytest.mark.parametrize("hidden", HIDING, indirect=True)
def test_rows_that_row_level_security_hides_are_no_loss_and_no_pass(
    begin: Begin, platform: Platform, hidden: str
) -> None:
    exam = _sat(begin, **_database(platform))
    with pytest.raises(Unmeasurable, match=f"row level security hides rows of {hidden} from the role auditor"):
        exam.reconciled()


@pytest.mark.parametrize("hidden", ["exam_sessions"], indirect=True)
def test_a_role_that_row_level_security_shows_everything_is_a_source(
    begin: Begin, platform: Platform, hidden: str
) -> None:
    platform.tamper(f"CREATE POLICY auditor ON {hidden} TO auditor USING (true)")
    exam = _sat(begin, **_database(platform))
    found = exam.reconciled()
    platform.tamper(f"DROP POLICY auditor ON {hidden}")
    assert (found.differences, found.kept) == ((), 3)


@pytest.mark.parametrize("hidden", ["exam_sessions"], indirect=True)
def test_rows_of_other_users_may_be_hidden(begin: Begin, platform: Platform, hidden: str) -> None:
    """The rehearsal's own exam is shown, and another one is not."""
    exam = _sat(begin, **_database(platform))
    owner = exam.candidate.login.owner
    platform.tamper(f"CREATE POLICY mine ON {hidden} TO auditor USING (user_id <> '{owner}')")
    try:
        with pytest.raises(Unmeasurable, match=r"be hidden \(row level security hides rows .*: the session is gone"):
            exam.reconciled()
    finally:
        platform.tamper(f"DROP POLICY mine ON {hidden}")


class _Standby(postgres.Postgres):
    """A copy of a server that was stopped, in recovery for ever."""

    def prepare(self) -> None:
        """Nothing is created."""
        super().prepare()
        (self._data / "standby.signal").touch()


@pytest.fixture
def standby(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a standby that has the reference platform's tables and stands still."""
    monkeypatch.setitem(postgres._OPTIONS, "wal_level", "replica")
    port, password = ports.pick(), "examday-tests"
    url = f"postgresql://{postgres.OWNER}:{password}@{ports.HOST}:{port}/postgres"

    async def made() -> _Standby:
        primary = postgres.Postgres(tmp_path / "pg", tmp_path / "primary.log", port, password, max_connections=10)
        await primary.start()
        schema = resources.files("pytest_examday.platform").joinpath("schema.sql").read_text()
        with psycopg.connect(url, connect_timeout=5) as connection:
            connection.execute(schema.encode())
        await primary.stop()
        standby = _Standby(tmp_path / "pg", tmp_path / "standby.log", port, password, max_connections=10)
        await standby.start()
        return standby

    server = asyncio.run(made())
    yield url
    asyncio.run(server.kill())
    shutil.rmtree(tmp_path / "pg", ignore_errors=True)


def test_a_standby_that_does_not_follow_is_no_source(begin: Begin, standby: str) -> None:
    with read_only(standby) as connection:
        view = ViewOfDatabase.of(connection, SCHEMA)
    assert (view.standby, view.partial, view.hidden) == (True, True, ())
    exam = _sat(begin, database_url=standby)
    with pytest.raises(Unmeasurable, match=r"the session is gone.* \(it is a standby \(pg_is_in_recovery\)"):
        exam.reconciled()


def test_an_api_that_does_not_show_the_rehearsals_own_session_is_no_source(begin: Begin) -> None:
    exam = _sat(begin)
    read = CONTRACT.read.model_copy(update={"path": "/v1/exams/{session_id}"})
    exam.target.api.contract = CONTRACT.model_copy(update={"read": read})
    with pytest.raises(Unmeasurable, match=r"the API does not show .*the session is gone"):
        exam.reconciled()
