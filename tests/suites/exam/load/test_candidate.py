"""A candidate lives through an exam as the web page would."""

import asyncio
import base64
import json
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from pytest_examday.contract.reference import CONTRACT
from pytest_examday.load.load_plan import PlannedAccount
from pytest_examday.suites.exam.load.candidate_script import Schedule
from tests.load.fake_exam import FakeExam, html, late, raising, status
from tests.suites.exam.load.sitting import CALM, script, sit

SHORT = CALM.model_copy(update={"patience_seconds": 0.15, "timeout_seconds": 0.1})
TWICE = script(0, double_click=True, double_submit=True)


def test_an_undisturbed_exam_is_sat_in_order_and_submitted(tmp_path: Path) -> None:
    sat = sit(FakeExam(), tmp_path)
    assert [call.operation for call in sat.exam.seen] == ["login", "create", *["answer"] * 3, "submit", "review"]
    assert sat.fate.finished
    assert (sat.fate.actor, sat.fate.subject) == ("ada@exam.example", "s-1")
    assert sat.fate.story == "sat the exam and submitted"


def test_every_write_is_in_the_ledger_with_its_owner_its_session_and_what_came_back(tmp_path: Path) -> None:
    sat = sit(FakeExam(), tmp_path)
    assert {write.state for write in sat.writes} == {"acknowledged"}
    assert [(write.kind, write.owner, write.subject) for write in sat.writes] == [
        ("create", "user-1", "s-1"),
        *[("answer", "user-1", "s-1")] * 3,
        ("submit", "user-1", "s-1"),
    ]
    answers = {write.key: write.value for write in sat.writes if write.kind == "answer"}
    assert answers == sat.exam.answers
    assert [write.sequence for write in sat.writes if write.kind == "answer"] == [1, 2, 3]
    assert sat.write("submit").result == "2"


def test_every_request_is_a_sample_under_the_id_that_the_platform_saw(tmp_path: Path) -> None:
    sat = sit(FakeExam(), tmp_path)
    assert [sample.request_id for sample in sat.samples] == [call.request_id for call in sat.exam.seen]
    assert {sample.outcome for sample in sat.samples} == {"ok"}


DISTURBANCES = {
    "HTTP 500": status(500),
    "HTTP 503": status(503),
    "HTTP 408": status(408),
    "HTTP 429": status(429),
    "a page of a proxy": html(502),
    "reset": raising(httpx.ReadError),
    "refused connection": raising(httpx.ConnectError),
    "broken encoding": raising(httpx.DecodingError),
    "timeout": raising(httpx.ReadTimeout),
    "silence": late(0.5),
}


@pytest.mark.parametrize("disturbance", DISTURBANCES.values(), ids=DISTURBANCES)
@pytest.mark.parametrize("operation", ["create", "submit"])
def test_a_retry_carries_the_same_key(tmp_path: Path, operation: str, disturbance: object) -> None:
    exam = FakeExam()
    exam.disturb(operation, disturbance)  # type: ignore[arg-type] # parametrised
    sat = sit(exam, tmp_path, habits=CALM.model_copy(update={"timeout_seconds": 0.1}))
    first, second = exam.calls(operation)
    assert first.key is not None
    assert first.key == second.key
    assert sat.fate.finished
    assert sat.write(operation).state == "acknowledged"
    assert first.request_id != second.request_id


def test_a_repeated_answer_carries_the_same_sequence_and_choice(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", status(503), raising(httpx.ReadTimeout))
    sit(exam, tmp_path, script(0))
    first, *others = exam.calls("answer")
    assert len(others) == 2
    assert all(call.body == first.body for call in others)


def test_a_candidate_waits_as_long_as_the_platform_asks(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", status(429, None, **{"retry-after": "1"}))
    sat = sit(exam, tmp_path, script(0))
    assert 500 <= sat.fate.worst_wait_ms <= 2500
    assert sat.fate.worst_wait_operation == "answer"


@pytest.mark.parametrize("code", [400, 403, 404, 409, 422])
def test_a_definitive_no_is_refused_and_ends_the_exam(tmp_path: Path, code: int) -> None:
    exam = FakeExam()
    exam.disturb("answer", status(code))
    sat = sit(exam, tmp_path)
    assert sat.write("answer").state == "refused"
    assert len(exam.calls("answer")) == 1
    assert sat.fate.story == f"answer was refused with HTTP {code}"
    assert not sat.fate.finished


@pytest.mark.parametrize(
    "first", [status(503), raising(httpx.ReadError), late(0.5)], ids=["HTTP 503", "reset", "silence"]
)
def test_a_no_after_an_attempt_without_an_answer_leaves_the_write_unknown(tmp_path: Path, first: object) -> None:
    exam = FakeExam()
    exam.disturb("answer", first, status(409))  # type: ignore[arg-type] # parametrised
    sat = sit(exam, tmp_path, habits=CALM.model_copy(update={"timeout_seconds": 0.1}))
    assert sat.write("answer").state == "unknown"
    assert not sat.fate.finished


def test_a_limited_attempt_stores_nothing_so_a_no_after_it_is_a_refusal(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", status(429), status(409))
    assert sit(exam, tmp_path).write("answer").state == "refused"


def test_a_success_that_does_not_say_what_it_should_leaves_the_write_unknown(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("submit", status(200, {"status": "ACTIVE"}))
    sat = sit(exam, tmp_path)
    assert sat.write("submit").state == "unknown"
    assert sat.fate.story == "submit got an unusable answer with HTTP 200"


def test_a_candidate_gives_up_when_patience_ends_and_the_write_stays_unknown(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", *[status(503)] * 500)
    sat = sit(exam, tmp_path, habits=SHORT)
    assert sat.write("answer").state == "unknown"
    assert not sat.fate.finished
    assert sat.fate.story == "answer failed for 0 s, at last with HTTP 503"
    assert sat.fate.worst_wait_ms >= 150
    assert sat.fate.worst_wait_operation == "answer"


def test_a_candidate_who_cannot_log_in_attempts_no_write(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("login", status(401))
    sat = sit(exam, tmp_path)
    assert (sat.writes, sat.fate.subject, sat.fate.finished) == ([], None, False)
    assert sat.fate.story == "login was refused with HTTP 401"


def test_a_session_without_questions_ends_the_exam(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("create", status(201, {"session_id": "s-1", "questions": []}))
    sat = sit(exam, tmp_path)
    assert sat.fate.story == "the answer to create holds no questions"
    assert not sat.fate.finished


TOKENS = {"access_token": "t", "refresh_token": "r"}
QUESTION = {"question_id": "q0", "choices": [{"key": "A"}]}


@pytest.mark.parametrize(
    ("operation", "body", "story"),
    [
        ("login", {**TOKENS, "expires_in": "for ever"}, "gives the token's lifetime as 'for ever'"),
        ("login", {**TOKENS, "expires_in": [900]}, "gives the token's lifetime as [900]"),
        ("login", {"access_token": None}, "holds no access token"),
        ("login", [1, 2], "holds no access token"),
        ("login", "<html>", "holds no access token"),
        ("login", {**TOKENS, "refresh_token": 7}, "holds a refresh token that is no text"),
        ("create", {"questions": [QUESTION]}, "holds no session id"),
        ("create", {"session_id": "s-1", "questions": "soon"}, "holds no questions"),
        (
            "create",
            {"session_id": "s-1", "questions": [{"question_id": "q0"}]},
            "holds a question without id and choices",
        ),
        ("create", {"session_id": "s-1", "questions": [{"choices": [{"key": "A"}]}]}, "holds a question without id"),
    ],
)
def test_a_body_that_cannot_be_used_ends_this_exam_alone(
    tmp_path: Path, operation: str, body: object, story: str
) -> None:
    exam = FakeExam()
    exam.disturb(operation, status(201 if operation == "create" else 200, body))
    sat = sit(exam, tmp_path)
    assert sat.fate.story.startswith(f"the answer to {operation} {story}")
    assert not sat.fate.finished


def test_a_resume_whose_answers_cannot_be_read_is_remarked(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("read", status(200, {"answers": ["A", "B"]}))
    listed = CONTRACT.read.model_copy(update={"finds": {"answers": "answers"}})
    contract = CONTRACT.model_copy(update={"read": listed})
    sat = sit(exam, tmp_path, script(0, 1, resume_before=1), contract=contract)
    assert sat.fate.finished
    assert sat.fate.story == "reloaded the page, which shows answers without question and value"


def test_a_write_is_due_when_the_schedule_has_it_and_not_when_the_generator_gets_to_it(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", late(0.4))
    sat = sit(exam, tmp_path, script(0, 1, think_seconds=0.1, leaves_at=0.8))
    first, second = (sample for sample in sat.samples if sample.operation == "answer")
    assert first.response_ms == pytest.approx(first.ms, abs=0.1)
    assert second.response_ms is not None
    behind = second.response_ms - second.ms
    assert behind == pytest.approx(350, abs=1), "due at 0.2 s, and sent after a short thought at 0.55 s"


def test_a_retried_action_is_one_response_from_the_first_attempt_on(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("submit", late(0.5), status(503))
    sat = sit(exam, tmp_path, habits=CALM.model_copy(update={"timeout_seconds": 0.2}))
    attempts = [sample for sample in sat.samples if sample.operation == "submit"]
    assert [sample.outcome for sample in attempts] == ["timeout", "server_error", "ok"]
    assert [sample.response_ms is None for sample in attempts] == [True, True, False]
    last = attempts[-1]
    assert last.response_ms is not None
    assert last.response_ms > 200 > last.ms


def test_an_action_that_is_given_up_is_a_response_too(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", *[status(503)] * 500)
    sat = sit(exam, tmp_path, habits=SHORT)
    answers = [sample for sample in sat.samples if sample.operation == "answer"]
    assert [sample.response_ms is None for sample in answers] == [True] * (len(answers) - 1) + [False]
    assert (answers[-1].response_ms or 0) >= 150


def test_a_candidate_who_is_behind_hurries_and_still_thinks(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", late(0.4))
    sat = sit(exam, tmp_path, script(0, 1, 2, think_seconds=0.1, leaves_at=0.8))
    starts = [sample.started for sample in sat.samples if sample.operation == "answer"]
    ends = [sample.ended for sample in sat.samples if sample.operation == "answer"]
    assert starts[1] - ends[0] == pytest.approx(0.05, abs=1e-6)


def test_when_it_is_time_to_leave_what_was_not_answered_stays_blank(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", late(0.4))
    sat = sit(exam, tmp_path, script(0, 1, 2, leaves_at=0.2))
    assert len(exam.calls("answer")) == 1
    assert sat.fate.finished


def test_the_submission_has_its_moment(tmp_path: Path) -> None:
    sat = sit(FakeExam(), tmp_path, script(0, leaves_at=0.4))
    (submit,) = (sample for sample in sat.samples if sample.operation == "submit")
    assert submit.started - sat.samples[0].started == pytest.approx(0.4, abs=1e-6)
    assert sat.fate.finished_at == pytest.approx(submit.ended, abs=0.01)


def test_candidates_of_a_shape_without_answers_and_submission_leave_after_opening(tmp_path: Path) -> None:
    opening = replace(script(), submits=False, answers=False)
    sat = sit(FakeExam(), tmp_path, opening)
    assert [call.operation for call in sat.exam.seen] == ["login", "create"]
    assert (sat.fate.finished, sat.fate.story) == (False, "sat the exam")


def test_at_a_simultaneous_start_sessions_are_due_at_the_barrier(tmp_path: Path) -> None:
    waiting = replace(script(0, leaves_at=0.5), opens_at=0.3)
    sat = sit(FakeExam(), tmp_path, waiting, schedule=Schedule("start", 0.3, 0.4, 0.6))
    login, create = sat.samples[:2]
    assert (login.operation, create.operation) == ("login", "create")
    assert create.started - login.started == pytest.approx(0.3, abs=1e-6)


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


def test_a_double_click_sends_two_requests_with_one_key_at_the_same_moment(tmp_path: Path) -> None:
    sat = sit(FakeExam(), tmp_path, TWICE)
    for operation in ("answer", "submit"):
        first, second = sat.exam.calls(operation)
        assert (first.key, first.body) == (second.key, second.body)
    assert [write.kind for write in sat.writes] == ["create", "answer", "submit"]


@pytest.mark.parametrize(
    "failure",
    [status(409), status(500), raising(httpx.ReadError), late(0.5)],
    ids=["HTTP 409", "HTTP 500", "reset", "silence"],
)
@pytest.mark.parametrize("first", [True, False], ids=["fails first", "fails second"])
def test_of_two_clicks_one_that_achieved_it_is_enough(tmp_path: Path, failure: object, first: bool) -> None:
    exam = FakeExam()
    stuck = [failure] * 300
    good = status(200, {"status": "SUBMITTED", "score": 2})
    exam.disturb("submit", *([failure, good] if first else [good, failure]), *stuck)  # type: ignore[arg-type]
    sat = sit(exam, tmp_path, TWICE, habits=SHORT)
    assert sat.write("submit").state == "acknowledged"
    assert sat.fate.finished


@pytest.mark.parametrize("refused_first", [True, False])
def test_of_two_clicks_a_refused_and_an_unanswered_one_leave_the_write_unknown(
    tmp_path: Path, refused_first: bool
) -> None:
    exam = FakeExam()
    pair = [status(409), status(503)] if refused_first else [status(503), status(409)]
    exam.disturb("submit", *pair, *[status(503)] * 300)
    sat = sit(exam, tmp_path, TWICE, habits=SHORT)
    assert sat.write("submit").state == "unknown"


def test_two_refused_clicks_are_refused(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("submit", status(409), status(409))
    assert sit(exam, tmp_path, TWICE).write("submit").state == "refused"


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


def test_a_reloaded_page_opens_new_connections_and_goes_on(tmp_path: Path) -> None:
    sat = sit(FakeExam(), tmp_path, script(0, 1, 2, resume_before=2))
    assert sat.connections == 2
    assert [call.operation for call in sat.exam.seen[2:6]] == ["answer", "answer", "read", "answer"]
    assert sat.fate.story == "sat the exam and submitted"


def test_a_candidate_whose_connection_was_lost_reloads_the_page_before_going_on(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", raising(httpx.ReadError))
    sat = sit(exam, tmp_path, script(0, 1, 2))
    operations = [call.operation for call in exam.seen[2:7]]
    assert operations == ["answer", "answer", "read", "answer", "answer"]
    assert sat.connections == 2
    assert sat.fate.finished


def test_a_resume_that_shows_other_answers_is_remarked_and_does_not_end_the_exam(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("read", status(200, {"session_id": "s-1", "answers": [{"question_id": "q0", "choice": "Z"}]}))
    sat = sit(exam, tmp_path, script(0, 1, 2, resume_before=2))
    assert sat.fate.story == "reloaded the page and 2 answers were not as acknowledged"
    assert sat.fate.finished
    assert len(exam.answers) == 3


def test_an_answer_saved_as_another_is_remarked(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", status(200, {"choice": "Z"}))
    sat = sit(exam, tmp_path)
    assert sat.fate.story.endswith("and the platform said that it saved Z")


def test_a_change_of_an_answer_is_a_change(tmp_path: Path) -> None:
    sat = sit(FakeExam(), tmp_path, script(*[0] * 8))
    given = [write.value for write in sat.writes if write.kind == "answer"]
    assert all(before != after for before, after in pairwise(given))


def test_a_question_with_a_single_choice_can_be_answered_again(tmp_path: Path) -> None:
    exam = FakeExam()
    only = {"session_id": "s-1", "questions": [{"question_id": "q0", "choices": [{"key": "A"}]}]}
    exam.disturb("create", status(201, only))
    assert sit(exam, tmp_path, script(0, 0)).fate.finished


def test_a_told_candidate_goes_on_answering_until_told_and_then_submits(tmp_path: Path) -> None:
    exam = FakeExam()
    told = asyncio.Event()
    answered = 0

    async def tenth(request: httpx.Request) -> httpx.Response:
        nonlocal answered
        answered += 1
        if answered == 10:
            told.set()
        return httpx.Response(200, json={})

    exam.disturb("answer", *[tenth] * 100)
    sat = sit(exam, tmp_path, script(0, 1), told=told, until="told")
    assert len(exam.calls("answer")) == 10
    assert sat.fate.finished


def test_a_candidate_who_is_told_stops_thinking(tmp_path: Path) -> None:
    told = asyncio.Event()
    told.set()
    sat = sit(FakeExam(), tmp_path, script(0, think_seconds=60), told=told, until="told")
    assert (sat.fate.finished, sat.exam.answers) == (True, {})
