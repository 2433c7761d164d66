"""A candidate sits the exam of a platform that speaks in another way than the reference one."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest

from pytest_examday.contract.contract import Contract
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.load.ledger import Write
from pytest_examday.suites.exam.load.reply_bodies import Unusable, tokens_in
from tests.load.fake_exam import FakeExam, status
from tests.suites.exam.load.sitting import script, sit

assert CONTRACT.login is not None
LOGIN = CONTRACT.login


def _with(**changes: dict[str, str]) -> Contract:
    """The reference contract, of which these operations find other values."""
    operations = {name: getattr(CONTRACT, name).model_copy(update={"finds": found}) for name, found in changes.items()}
    return CONTRACT.model_copy(update=operations)


PAGE = {"items": [{"n": 7, "answer": None}, {"n": 8, "answer": None}], "picks": [0, 1, 2, 3]}
"""Questions by number, and answers by the index of a choice; the start of the exam tells none of them."""
BY_NUMBER = _with(
    create={"session_id": "session_id"},
    read={
        "questions": "items[].{id: n, choices: `[0, 1, 2, 3]`}",
        "answers": "answers[].{question: question_id, value: choice}",
    },
)


def _answers(writes: list[Write]) -> list[tuple[str | None, str | None]]:
    return [(write.key, write.value) for write in writes if write.kind == "answer"]


def test_questions_that_the_start_does_not_tell_come_from_the_page(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("read", status(200, PAGE))
    sat = sit(exam, tmp_path, script(0, 1), contract=BY_NUMBER)
    assert [call.operation for call in exam.seen][:3] == ["login", "create", "read"]
    assert sat.fate.finished


def test_numbers_are_sent_as_numbers_and_written_down_as_text(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("read", status(200, PAGE))
    sat = sit(exam, tmp_path, script(0, 1), contract=BY_NUMBER)
    assert [(call.body["question_id"], call.body["choice"]) for call in exam.calls("answer")] == [(7, 1), (8, 1)]
    assert _answers(sat.writes) == [("7", "1"), ("8", "1")]


def test_a_page_that_shows_the_numbers_is_as_acknowledged(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("read", status(200, PAGE))
    sat = sit(exam, tmp_path, script(0, 1, resume_before=1), contract=BY_NUMBER, questions=2)
    assert (sat.fate.shown_wrongly, sat.fate.compared["read"]) == ((), 1)


def test_a_page_without_questions_ends_the_exam_and_is_named(tmp_path: Path) -> None:
    sat = sit(FakeExam(), tmp_path, contract=BY_NUMBER)
    assert sat.fate.story == "the reply to read holds no questions"


def test_without_a_review_the_exam_ends_with_the_submit(tmp_path: Path) -> None:
    sat = sit(FakeExam(), tmp_path, contract=CONTRACT.model_copy(update={"review": None}))
    assert [call.operation for call in sat.exam.seen][-1] == "submit"
    assert (sat.fate.finished, sat.fate.not_comparable) == (True, {})


def test_without_a_refresh_the_candidate_logs_in_again(tmp_path: Path) -> None:
    exam = FakeExam(lifetime=0.1)
    sit(exam, tmp_path, script(0, 1, think_seconds=0.1), contract=CONTRACT.model_copy(update={"refresh": None}))
    assert exam.calls("refresh") == []
    assert len(exam.calls("login")) > 1


def _jwt(**claims: Any) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.x"


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        ({"access_token": "opaque"}, 900),
        ({"access_token": "opaque", "expires_in": 60}, 60),
        ({"access_token": _jwt(exp=1)}, 0),
        ({"access_token": _jwt(exp=1), "expires_in": 60}, 60),
        ({"access_token": _jwt(exp="soon")}, 900),
    ],
)
def test_a_token_lives_as_long_as_the_answer_tells_or_the_token_itself(answer: Any, seconds: float) -> None:
    assert tokens_in(LOGIN, answer).lifetime == pytest.approx(seconds, abs=30)


def test_a_jwt_lives_until_its_own_end() -> None:
    answer = {"access_token": _jwt(exp=time.time() + 300)}
    assert tokens_in(LOGIN, answer).lifetime == pytest.approx(300, abs=30)


def test_a_constant_lifetime_is_a_literal_of_the_contract() -> None:
    login = _with(login={"access_token": "access_token", "lifetime": "`60`"}).login
    assert login is not None
    assert tokens_in(login, {"access_token": "opaque"}).lifetime == 60


def test_a_lifetime_that_is_no_number_is_named() -> None:
    with pytest.raises(Unusable, match="gives the token's lifetime as 'long'"):
        tokens_in(LOGIN, {"access_token": "opaque", "expires_in": "long"})
