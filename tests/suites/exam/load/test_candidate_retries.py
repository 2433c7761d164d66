"""What a candidate tries again, when it gives up, and what is known of a write then."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from pytest_examday.contract.embedded_preset import CONTRACT
from tests.load.fake_exam import FakeExam, html, late, raising, status
from tests.suites.exam.load.sitting import CALM, TWICE, script, sit

SHORT = CALM.model_copy(update={"patience_seconds": 0.15, "timeout_seconds": 0.1})
WORDS = 'HTTP 409 "It is over & done"'
STORED_ALREADY = CONTRACT.model_copy(update={"answer": CONTRACT.answer.model_copy(update={"stored_already": (409,)})})
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


@pytest.mark.parametrize("asked", ["3600", "9" * 400], ids=["an hour", "without an end"])
def test_a_candidate_waits_no_longer_than_its_patience(tmp_path: Path, asked: str) -> None:
    exam = FakeExam()
    exam.disturb("answer", *[status(429, None, **{"retry-after": asked})] * 9)
    fate = sit(exam, tmp_path, script(0)).fate
    assert not fate.finished
    assert fate.worst_wait_ms == pytest.approx(CALM.patience_seconds * 1000, rel=0.01)
    assert fate.story.startswith("answer failed for 5 s, at last with HTTP 429, and the platform asked to wait ")
    assert fate.story.endswith({"3600": " 3600 s"}.get(asked, " inf s"))
    assert len(exam.calls("answer")) == 2, "once, and a last time when patience ends"


def test_a_request_that_is_accepted_before_the_asked_pause_is_over_ends_well(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("submit", status(503, None, **{"retry-after": "3600"}))
    assert sit(exam, tmp_path, script(0)).fate.finished


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


def test_a_no_that_says_that_the_earlier_attempt_is_stored_is_a_success(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", raising(httpx.ReadTimeout), status(409))
    sat = sit(exam, tmp_path, contract=STORED_ALREADY)
    assert sat.write("answer").state == "acknowledged"
    assert sat.fate.finished
    assert [one.outcome for one in sat.samples if one.operation == "answer"][:2] == ["timeout", "conflict"]


def test_the_same_no_to_a_first_attempt_is_a_refusal(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", status(409))
    assert sit(exam, tmp_path, contract=STORED_ALREADY).write("answer").state == "refused"


def test_a_limited_attempt_stores_nothing_so_a_no_after_it_is_a_refusal(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", status(429), status(409))
    assert sit(exam, tmp_path).write("answer").state == "refused"


def test_a_success_that_does_not_say_what_it_should_leaves_the_write_unknown(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("submit", status(200, {"status": "ACTIVE"}))
    sat = sit(exam, tmp_path)
    assert sat.write("submit").state == "unknown"
    assert sat.fate.story == "submit got an unusable reply with HTTP 200"


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
    assert sat.fate.story == "the reply to create holds no questions"
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
    assert sat.fate.story.startswith(f"the reply to {operation} {story}")
    assert not sat.fate.finished


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


@pytest.mark.parametrize("operation", ["create", "answer", "submit"])
def test_a_platform_may_refuse_one_of_two_clicks_while_it_works_on_the_other(tmp_path: Path, operation: str) -> None:
    exam = FakeExam()
    exam.disturb(operation, status(409))
    sat = sit(exam, tmp_path, replace(TWICE, double_create=True), habits=SHORT)
    assert {one.outcome for one in sat.samples if one.operation == operation} == {"conflict", "ok"}
    assert (sat.fate.finished, sat.fate.failures) == (True, {})


def test_a_conflict_without_a_second_click_is_an_error(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("submit", status(409))
    sat = sit(exam, tmp_path, habits=SHORT)
    assert [one.outcome for one in sat.samples if one.operation == "submit"] == ["client_error"]


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


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (status(409, {"detail": "time is over"}), 'HTTP 409 "time is over"'),
        (status(409, {"error": {"message": "time\n is over"}}), 'HTTP 409 "time is over"'),
        (status(422, {"detail": [{"msg": "no such choice"}]}), 'HTTP 422 "no such choice"'),
        (status(409, {"code": 7}), "HTTP 409"),
        (html(409), "HTTP 409"),
        (
            html(409, "<!DOCTYPE html>\n<html><head><title>No</title></head><p>It\n is <b>over</b> &amp; done"),
            WORDS,
        ),
    ],
    ids=["detail", "nested", "FastAPI", "no words", "an empty page", "a web page"],
)
def test_a_refusal_keeps_the_platforms_own_words(tmp_path: Path, answer: object, told: str) -> None:
    exam = FakeExam()
    exam.disturb("submit", answer)  # type: ignore[arg-type] # parametrised
    fate = sit(exam, tmp_path).fate
    assert (fate.story, fate.failures) == (f"submit was refused with {told}", {"submit": told})


def test_the_words_of_a_failure_are_kept_though_the_next_attempt_succeeds(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("submit", status(503, {"detail": "pool timeout"}), status(500, {"detail": "later"}))
    fate = sit(exam, tmp_path).fate
    assert fate.finished
    assert fate.failures == {"submit": 'HTTP 503 "pool timeout"'}


def test_patience_that_ends_tells_the_last_words(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", *[status(503, {"detail": "no connection is free"})] * 500)
    assert sit(exam, tmp_path, habits=SHORT).fate.story.endswith('at last with HTTP 503 "no connection is free"')


@pytest.mark.parametrize(("operation", "secret"), [("login", "pw"), ("answer", "access-1")])
def test_a_refusal_that_repeats_a_secret_is_told_without_it(tmp_path: Path, operation: str, secret: str) -> None:
    exam = FakeExam()
    exam.disturb(operation, status(403, {"detail": f"{secret} may not"}))
    assert sit(exam, tmp_path).fate.story == f'{operation} was refused with HTTP 403 "[hidden] may not"'


@pytest.mark.parametrize("before", [100, 112, 116])
def test_a_secret_in_a_refusal_is_hidden_before_the_words_are_cut(tmp_path: Path, before: int) -> None:
    exam = FakeExam()
    exam.disturb("answer", status(403, {"detail": "x" * before + "access-1"}))
    assert "acces" not in sit(exam, tmp_path).fate.story


def test_a_login_refused_in_a_drill_makes_the_password_doubtful_too(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("login", status(401))
    assert sit(exam, tmp_path, until="stopped").fate.password_doubted
