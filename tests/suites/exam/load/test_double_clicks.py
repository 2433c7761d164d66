"""Starts and submissions that are clicked twice at the same moment: over new connections, and without a key."""

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.integrity.reconcile import reconcile
from pytest_examday.integrity.stored_state import StoredSubject
from pytest_examday.suites.exam.load.candidate_script import Schedule, write_script
from tests.integrity.ledger_and_source import Holding
from tests.load.fake_exam import FakeExam, status
from tests.suites.exam.load.sitting import CALM, Sat, plan_for, script, sit

SUBMIT_TWICE = script(0, double_submit=True)
START_TWICE = replace(script(0), double_create=True)
QUESTIONS = [{"question_id": f"q{number}", "choices": [{"key": "A"}, {"key": "B"}]} for number in range(3)]


def _judged(sat: Sat, *sessions: str) -> Reconciliation:
    """The ledger against a database that holds what was answered, in each of these sessions."""
    stored = StoredSubject("user-1", "SUBMITTED", 2, values=dict(sat.exam.answers))
    return reconcile(sat.writes, Holding(dict.fromkeys(sessions, stored)), ())


def test_two_starts_have_one_key_and_are_one_write(tmp_path: Path) -> None:
    sat = sit(FakeExam(), tmp_path, START_TWICE)
    first, second = sat.exam.calls("create")
    assert first.key == second.key is not None
    assert [write.subject for write in sat.writes if write.kind == "create"] == ["s-1"]
    assert (sat.fate.finished, _judged(sat, "s-1").differences) == (True, ())


def test_two_starts_that_open_two_sessions_are_found(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("create", *(status(201, {"session_id": f"s-{n}", "questions": QUESTIONS}) for n in (1, 2)))
    sat = sit(exam, tmp_path, START_TWICE)
    found = _judged(sat, "s-1", "s-2")
    assert found.duplicate_sessions == 1
    assert found.example("duplicate_session").endswith("the same key opened session s-1 too)")


def test_without_keys_a_start_is_clicked_once(tmp_path: Path) -> None:
    """Nobody promised that two of them are one."""
    keyless = CONTRACT.model_copy(update={"idempotency_header": None})
    assert len(sit(FakeExam(), tmp_path, START_TWICE, contract=keyless).exam.calls("create")) == 1


@pytest.mark.parametrize("keyless", [False, True])
def test_two_submissions_have_one_key_or_none(tmp_path: Path, keyless: bool) -> None:
    sat = sit(FakeExam(), tmp_path, replace(SUBMIT_TWICE, keyless_doubles=keyless))
    first, second = sat.exam.calls("submit")
    assert first.key == second.key
    assert (first.key is None) == keyless
    assert (sat.fate.finished, sat.write("submit").state) == (True, "acknowledged")


def test_a_submission_that_is_clicked_once_has_its_key(tmp_path: Path) -> None:
    sat = sit(FakeExam(), tmp_path, replace(script(0), keyless_doubles=True))
    assert sat.exam.calls("submit")[0].key is not None


def test_double_clicks_go_over_new_connections_for_some(tmp_path: Path) -> None:
    both = replace(START_TWICE, double_submit=True)
    (tmp_path / "kept").mkdir()
    (tmp_path / "fresh").mkdir()
    kept = sit(FakeExam(), tmp_path / "kept", both).connections
    assert sit(FakeExam(), tmp_path / "fresh", replace(both, fresh_doubles=True)).connections == kept + 2


def test_two_submissions_that_are_told_two_results_are_found(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("submit", *(status(200, {"status": "SUBMITTED", "score": score}) for score in (2, 3)))
    found = _judged(sit(exam, tmp_path, SUBMIT_TWICE), "s-1")
    assert found.two_results == 1
    assert found.example("two_results").endswith("the submission was acknowledged with several results: 2, 3)")


def test_the_ledger_has_the_questions_that_a_start_told(tmp_path: Path) -> None:
    assert sit(FakeExam(), tmp_path).write("create").result == "q0\nq1\nq2"


def test_where_a_platform_does_not_promise_it_nobody_submits_twice_without_a_key(tmp_path: Path) -> None:
    habits = CALM.model_copy(update={"double_click_share": 1.0})
    drawn = [script for seed in range(40) for script in plan_for(tmp_path, habits, seed=seed, keyless=False).scripts()]
    assert all(one.double_submit for one in drawn)
    assert not any(one.keyless_doubles for one in drawn)


def test_all_kinds_of_double_clicks_are_drawn() -> None:
    habits = CALM.model_copy(update={"double_click_share": 0.5})
    schedule = Schedule("exam", 0.01, 0.3, 0.6)
    drawn = [write_script(f"1-{number}", 0, schedule, 3, habits) for number in range(200)]
    kinds = {(one.fresh_doubles, one.keyless_doubles) for one in drawn if one.double_submit}
    assert len(kinds) == 4
    assert {one.fresh_doubles for one in drawn if one.double_create} == {False, True}
    calm = [write_script(f"1-{number}", 0, schedule, 3, CALM) for number in range(50)]
    assert not any(one.double_create or one.double_submit for one in calm)


@pytest.mark.parametrize("operation", ["answer", "submit"])
def test_a_limited_click_of_two_is_no_refused_request(tmp_path: Path, operation: str) -> None:
    exam = FakeExam()
    exam.disturb(operation, status(429))
    sat = sit(exam, tmp_path, script(0, double_click=True, double_submit=True))
    assert [one.outcome for one in sat.samples if one.operation == operation] == ["ok", "conflict"]
    assert (sat.fate.finished, sat.write(operation).state) == (True, "acknowledged")
    assert _judged(sat, "s-1").differences == ()


def test_two_clicks_that_a_limit_refuses_both_are_refused_requests(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", status(429), status(429))
    sat = sit(exam, tmp_path, script(0, double_click=True))
    outcomes = [one.outcome for one in sat.samples if one.operation == "answer"]
    assert outcomes.count("limited") >= 1
    assert outcomes.count("ok") >= 1


def test_a_single_click_that_a_limit_refuses_is_a_refused_request(tmp_path: Path) -> None:
    exam = FakeExam()
    exam.disturb("answer", status(429))
    sat = sit(exam, tmp_path, script(0))
    assert [one.outcome for one in sat.samples if one.operation == "answer"] == ["limited", "ok"]
