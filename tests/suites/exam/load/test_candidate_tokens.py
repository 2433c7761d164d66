"""How a candidate renews tokens that end or are refused."""

import base64
import json
import time
from pathlib import Path

import httpx
import pytest

from pytest_examday.load.load_plan import PlannedAccount
from tests.load.fake_exam import FakeExam, late, status
from tests.suites.exam.load.sitting import CALM, TWICE, script, sit

PREPARED = {"email": "ada@exam.example", "access_token": "prepared"}


def test_a_prepared_token_needs_no_login(tmp_path: Path) -> None:
    sat = sit(FakeExam(), tmp_path, accounts=(PlannedAccount(**PREPARED),))
    assert sat.exam.calls("login") == []
    assert {call.token for call in sat.exam.seen} == {"prepared"}
    assert sat.fate.finished


def _ending(seconds: float) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": time.time() + seconds}).encode()).decode().rstrip("=")
    return f"head.{claims}.signature"


def test_a_prepared_token_is_renewed_before_the_end_that_its_claims_tell(tmp_path: Path) -> None:
    exam = FakeExam(tokens=1)
    account = PlannedAccount(email="a@exam.example", access_token=_ending(-1), refresh_token="refresh-1")
    sat = sit(exam, tmp_path, accounts=(account,))
    assert exam.seen[0].operation == "refresh"
    assert exam.calls("create")[0].token == "access-2"
    assert sat.fate.finished


def test_a_prepared_token_that_ended_is_told_where_nothing_can_replace_it(tmp_path: Path) -> None:
    account = PlannedAccount(email="a@exam.example", access_token=_ending(-1))
    sat = sit(FakeExam(), tmp_path, accounts=(account,))
    assert sat.fate.story == "the prepared token has ended, and there is no password to log in with"
    assert sat.exam.seen == []


def test_a_token_is_renewed_before_it_ends(tmp_path: Path) -> None:
    exam = FakeExam(lifetime=0.1)
    sat = sit(exam, tmp_path, script(0, 1, 2, think_seconds=0.06))
    assert sat.fate.finished
    refreshed = exam.calls("refresh")
    assert len(refreshed) >= 1
    assert refreshed[0].token is None
    later = exam.seen[exam.seen.index(refreshed[0]) + 1]
    assert later.token == "access-2"


def test_a_refused_renewal_is_answered_with_a_new_login(tmp_path: Path) -> None:
    exam = FakeExam(lifetime=0.1)
    exam.disturb("refresh", *[status(401)] * 50)
    sat = sit(exam, tmp_path, script(0, 1, think_seconds=0.09))
    assert sat.fate.finished
    assert len(exam.calls("login")) >= 2


def test_two_clicks_on_an_ending_token_renew_it_once(tmp_path: Path) -> None:
    exam = FakeExam(lifetime=1.0)
    written = script(0, double_click=True, think_seconds=0.85, leaves_at=1.1)
    sat = sit(exam, tmp_path, written)
    assert len(exam.calls("refresh")) == 1
    assert [call.token for call in exam.calls("answer")] == ["access-2", "access-2"]
    assert sat.fate.finished


@pytest.mark.parametrize("operation", ["create", "answer", "read", "submit", "review"])
def test_a_refused_token_is_renewed_and_the_request_sent_again_with_the_same_key(
    tmp_path: Path, operation: str
) -> None:
    exam = FakeExam()
    exam.disturb(operation, status(401))
    sat = sit(exam, tmp_path, script(0, resume_before=0))
    refused, again = exam.calls(operation)
    assert (refused.token, again.token) == ("access-1", "access-2")
    assert (refused.key, refused.body) == (again.key, again.body)
    assert len(exam.calls("refresh")) == 1
    assert [sample.outcome for sample in sat.samples if sample.operation == operation] == ["expired", "ok"]
    assert sat.fate.story == "sat the exam and submitted"


def test_a_refused_attempt_that_is_sent_again_stays_one_write(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", status(401))
    sat = sit(exam, tmp_path, script(0))
    assert [(write.kind, write.state) for write in sat.writes] == [
        (kind, "acknowledged") for kind in ("create", "answer", "submit")
    ]
    expired, ok = [sample for sample in sat.samples if sample.operation == "answer"]
    assert expired.response_ms is None
    assert ok.response_ms is not None
    assert ok.response_ms > ok.ms, "the wait for a new token is part of the action"


def test_a_token_that_is_refused_when_it_is_new_is_a_definitive_no(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", status(401), status(401))
    sat = sit(exam, tmp_path)
    assert [sample.outcome for sample in sat.samples if sample.operation == "answer"] == ["expired", "client_error"]
    assert sat.write("answer").state == "refused"
    assert sat.fate.story == "answer was refused with HTTP 401"


def test_two_clicks_with_a_refused_token_renew_it_once(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", status(401), status(401))
    sat = sit(exam, tmp_path, TWICE)
    assert len(exam.calls("refresh")) == 1
    assert [call.token for call in exam.calls("answer")] == ["access-1", "access-1", "access-2", "access-2"]
    assert sat.write("answer").state == "acknowledged"


def test_where_a_refused_token_cannot_be_refreshed_the_candidate_logs_in_again(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", status(401))
    exam.disturb("refresh", status(401))
    sat = sit(exam, tmp_path)
    assert len(exam.calls("login")) == 2
    assert sat.fate.finished


def test_a_write_whose_token_is_refused_for_good_is_refused_and_tells_why(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", status(401))
    account = PlannedAccount(email="a@exam.example", access_token="prepared")
    sat = sit(exam, tmp_path, accounts=(account,))
    assert sat.write("answer").state == "refused"
    assert sat.fate.story == (
        "answer was refused with HTTP 401, and the prepared token has ended, and there is no password to log in with"
    )


def test_a_refused_token_after_silence_leaves_open_whether_the_write_is_stored(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", status(503), status(401), status(401))
    assert sit(exam, tmp_path).write("answer").state == "unknown"


def test_a_login_refused_between_two_attempts_says_nothing_about_the_first(tmp_path: Path) -> None:
    exam = FakeExam(lifetime=0.3)
    exam.disturb("answer", late(5))
    exam.disturb("refresh", *[status(401)] * 5)
    habits = CALM.model_copy(update={"timeout_seconds": 0.3})

    async def refuse_later(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"access_token": "a", "refresh_token": "r", "expires_in": 0.3})

    exam.disturb("login", refuse_later, status(403))
    sat = sit(exam, tmp_path, habits=habits)
    assert sat.write("answer").state == "unknown"
    assert sat.fate.story == "login was refused with HTTP 403"
