"""A candidate lives through an exam as the web page would, each action at its moment."""

import asyncio
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from pytest_examday.contract.contract import Contract
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.suites.exam.load.candidate_script import Schedule
from tests.load.fake_exam import FakeExam, late, raising, status
from tests.suites.exam.load.sitting import script, sit


def test_an_undisturbed_exam_is_sat_in_order_and_submitted(tmp_path: Path) -> None:
    sat = sit(FakeExam(), tmp_path)
    assert [call.operation for call in sat.exam.seen] == ["login", "create", *["answer"] * 3, "submit", "review"]
    assert sat.fate.finished
    assert (sat.fate.actor, sat.fate.subject) == ("ada@exam.example", "s-1")
    assert sat.fate.story == "sat the exam and submitted"


def test_every_write_is_in_the_ledger_with_owner_session_and_reply(tmp_path: Path) -> None:
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


def test_an_answer_that_is_taken_back_is_a_write_without_a_value(tmp_path: Path) -> None:
    sat = sit(FakeExam(), tmp_path, script(0, 1, 0, clears=2))
    assert [(write.key, write.value) for write in sat.writes if write.kind == "answer"] == [
        ("q0", "B"),
        ("q1", "B"),
        ("q0", None),
    ]
    assert sat.exam.answers == {"q0": None, "q1": "B"}
    assert sat.fate.shown_wrongly == ()


def test_an_answer_that_comes_back_after_it_was_taken_back_is_told(tmp_path: Path) -> None:
    exam = FakeExam()
    sat = sit(exam, tmp_path, script(0, 1, 0, clears=2), contract=_with_deaf_clear())
    assert sat.fate.shown_wrongly == ("review, question q0: expected nothing, shown B",)


def test_nothing_is_taken_back_of_a_platform_that_cannot(tmp_path: Path) -> None:
    sat = sit(FakeExam(), tmp_path, script(0, 0, clears=1), contract=CONTRACT.model_copy(update={"clear": None}))
    assert None not in [write.value for write in sat.writes if write.kind == "answer"]


def _with_deaf_clear() -> Contract:
    """Answers are taken back by an operation that accepts and does nothing."""
    return CONTRACT.model_copy(update={"clear": CONTRACT.read.model_copy(update={"finds": {}})})


def test_a_resume_whose_answers_cannot_be_read_is_remarked(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("read", status(200, {"answers": ["A", "B"]}))
    listed = CONTRACT.read.model_copy(update={"finds": {"answers": "answers"}})
    contract = CONTRACT.model_copy(update={"read": listed})
    sat = sit(exam, tmp_path, script(0, 1, resume_before=1), contract=contract)
    assert sat.fate.finished
    assert sat.fate.story == "reloaded the page, which shows answers without question and value"


def test_a_write_is_due_by_the_schedule(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", late(0.4))
    sat = sit(exam, tmp_path, script(0, 1, think_seconds=0.1, leaves_at=0.8))
    first, second = (sample for sample in sat.samples if sample.operation == "answer")
    assert first.response_ms == pytest.approx(first.ms, abs=0.1)
    assert second.response_ms is not None
    behind = second.response_ms - second.ms
    assert behind == pytest.approx(350, abs=1), "due at 0.2 s, and sent after a short thought at 0.55 s"


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


def test_a_changed_answer_differs_from_the_one_before(tmp_path: Path) -> None:
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
    stop = asyncio.Event()
    answered = 0

    async def tenth(request: httpx.Request) -> httpx.Response:
        nonlocal answered
        answered += 1
        if answered == 10:
            stop.set()
        return httpx.Response(200, json={})

    exam.disturb("answer", *[tenth] * 100)
    sat = sit(exam, tmp_path, script(0, 1), stop=stop, until="stopped")
    assert len(exam.calls("answer")) == 10
    assert sat.fate.finished


def test_a_candidate_who_is_told_stops_thinking(tmp_path: Path) -> None:
    stop = asyncio.Event()
    stop.set()
    sat = sit(FakeExam(), tmp_path, script(0, think_seconds=60), stop=stop, until="stopped")
    assert (sat.fate.finished, sat.exam.answers) == (True, {})


def test_pages_that_show_what_was_acknowledged_are_counted(tmp_path: Path) -> None:
    sat = sit(FakeExam(), tmp_path, script(0, 1, 0, resume_before=2, double_click=True))
    assert (sat.fate.shown_wrongly, sat.fate.not_comparable) == ((), {})
    assert sat.fate.compared == {"answer": 6, "read": 1, "review": 1}


def test_a_stale_reload_is_noted_with_question_expected_and_shown(tmp_path: Path) -> None:
    exam = FakeExam()
    stale = [{"question_id": "q0", "choice": "C"}, {"question_id": "q2", "choice": "B"}]
    exam.disturb("read", status(200, {"session_id": "s-1", "answers": stale}))
    sat = sit(exam, tmp_path, script(0, 1, 2, resume_before=2))
    assert sat.fate.shown_wrongly == (
        "read, question q0: expected B, shown C",
        "read, question q1: expected B, shown nothing",
        "read, question q2: expected nothing, shown B",
    )


def test_a_page_with_a_word_for_blank_answers_shows_nothing_wrong(tmp_path: Path) -> None:
    exam = FakeExam()
    shown = [{"question_id": "q0", "choice": "B"}, {"question_id": "q1", "choice": "-"}, {"question_id": "q2"}]
    exam.disturb("read", status(200, {"session_id": "s-1", "answers": shown}))
    assert sit(exam, tmp_path, script(0, 1, resume_before=1)).fate.shown_wrongly == ()


def test_ids_and_choices_that_are_numbers_are_the_same_as_texts(tmp_path: Path) -> None:
    exam = FakeExam()
    question = {"question_id": 7, "choices": [{"key": 1}]}
    exam.disturb("create", status(201, {"session_id": "s-1", "questions": [question]}))
    exam.disturb("answer", status(200, {"choice": 1}), status(200, {"choice": 1}))
    exam.disturb("read", status(200, {"session_id": "s-1", "answers": [{"question_id": "7", "choice": 1}]}))
    exam.disturb("review", status(200, {"score": "2.0", "questions": [{"question_id": "7", "choice": 1}]}))
    sat = sit(exam, tmp_path, script(0, 0, resume_before=1), questions=1)
    assert sat.fate.shown_wrongly == ()
    assert sat.fate.compared == {"answer": 2, "read": 1, "review": 1}


def test_an_answer_saved_as_another_is_noted(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", status(200, {"choice": "Z"}))
    assert sit(exam, tmp_path).fate.shown_wrongly[0] == "answer, question q0: expected B, shown Z"


@pytest.mark.parametrize("saved", [True, None, {"at": 1}], ids=["a yes", "nothing", "an object"])
def test_a_platform_that_does_not_tell_what_it_saved_is_not_accused(tmp_path: Path, saved: object) -> None:
    exam = FakeExam()
    exam.disturb("answer", *[status(200, {"choice": saved})] * 3)
    sat = sit(exam, tmp_path)
    assert [text for text in sat.fate.shown_wrongly if text.startswith("answer")] == []
    assert "answer" not in sat.fate.compared


def test_a_review_is_compared_with_the_answers_and_the_score_of_the_submission(tmp_path: Path) -> None:
    exam = FakeExam()
    shown = [{"question_id": "q0", "choice": "B"}, {"question_id": "q1", "choice": None}]
    exam.disturb("review", status(200, {"score": 1, "questions": shown}))
    sat = sit(exam, tmp_path, script(0, 1))
    assert sat.fate.shown_wrongly == (
        "review, question q1: expected B, shown nothing",
        "review: expected the score 2 of the submission, shown 1",
    )
    assert sat.fate.story == "read the review and its score was 1 instead of 2"


def test_a_score_that_is_not_that_of_the_right_choices_is_noted(tmp_path: Path) -> None:
    exam = FakeExam()
    shown = [
        {"question_id": "q0", "choice": "B", "correct_choice": "B"},
        {"question_id": "q1", "choice": "B", "correct_choice": "C"},
    ]
    exam.disturb("review", status(200, {"score": 2, "questions": shown}))
    told = "the score is 2, and by the right choices that it shows 1 answers are right"
    assert sit(exam, tmp_path, script(0, 1)).fate.shown_wrongly == (f"review: {told}",)


def test_a_review_without_score_and_answers_could_not_be_compared(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("review", status(200, {"status": "SUBMITTED"}))
    fate = sit(exam, tmp_path).fate
    assert (fate.shown_wrongly, fate.not_comparable) == ((), {"review": "shows neither score nor answers"})
    assert "review" not in fate.compared


def test_of_many_differences_the_first_are_told_and_the_others_counted(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("read", status(200, {"session_id": "s-1", "answers": []}))
    sat = sit(exam, tmp_path, script(*range(8), resume_before=7), questions=8)
    assert len(sat.fate.shown_wrongly) == 6
    assert sat.fate.shown_wrongly[-1] == "read: 2 more questions not as answered"


def test_no_candidate_submits_earlier_than_the_contract_says(tmp_path: Path) -> None:
    slow = CONTRACT.model_copy(update={"earliest_submit_seconds": 5.0})
    sat = sit(FakeExam(), tmp_path, script(0, leaves_at=0.3), contract=slow)
    opened, submitted = (next(one for one in sat.samples if one.operation == name) for name in ("create", "submit"))
    assert 5 <= submitted.started - opened.ended < 6
    assert submitted.response_ms is not None
    assert submitted.response_ms < 1000, "nobody waited for the platform"
