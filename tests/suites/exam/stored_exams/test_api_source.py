"""The API as source of the stored state, if nobody lets us read the database: a real platform, and ledgers of exams
sat on it."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from pytest_examday.config.accounts import Account
from pytest_examday.contract.contract import Contract
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.contract.operation import Operation
from pytest_examday.errors import Unmeasurable
from pytest_examday.integrity.stored_state import SubjectRef, UnreadableSubject
from pytest_examday.suites.exam.activities import integrity
from pytest_examday.suites.exam.stored_exams.accounts_by_email import AccountsByEmail
from pytest_examday.suites.exam.stored_exams.api_source import ApiSource
from pytest_examday.suites.exam.stored_exams.reconcile_ledgers import reconcile_ledgers
from pytest_examday.target.api import Api, Reply
from pytest_examday.target.target import Target
from tests import builders
from tests.suites.exam.stored_exams.sat_exam import Begin, Exam

_NO_PASSWORD = "not the password"


@pytest.fixture
def exam(begin: Begin) -> Exam:
    """Three questions answered, one of them changed, and submitted."""
    sat = begin("run")
    for number, choice in ((0, 0), (1, 0), (1, 1), (2, 2)):
        sat.answer(number, choice)
    sat.submit()
    return sat


def test_an_exam_that_was_kept_has_no_findings_and_says_what_nobody_could_judge(exam: Exam) -> None:
    found = exam.reconciled()
    assert (found.source, found.differences, found.unread) == ("api", (), 0)
    assert (found.subjects, found.acknowledged, found.kept, found.scores_compared) == (1, 4, 4, 1)
    assert found.unjudged == (
        "sessions that changed their owner",
        "answers saved after the submit",
        "the platform's event history",
    )


def test_an_exam_under_way_is_read_without_its_review(begin: Begin) -> None:
    sat = begin("run")
    sat.answer(0)
    found = sat.reconciled()
    assert (found.differences, found.kept, found.unsubmitted) == ((), 1, 1)


def test_an_answer_that_is_lost_is_seen_through_the_api_alone(exam: Exam) -> None:
    question = exam.candidate.questions[1]["id"]
    exam.damage("DELETE FROM session_answers WHERE session_id = %s AND question_id = %s", question)
    found = exam.reconciled()
    assert (found.lost, found.kept, found.harmed) == (1, 3, (exam.name,))
    assert [(one.kind, one.key) for one in found.differences] == [("lost", question)]


def test_an_answer_that_gave_way_to_an_older_one_is_seen(exam: Exam) -> None:
    question = exam.candidate.questions[1]
    older = question["choices"][0]
    exam.damage(
        f"UPDATE session_answers SET choice = '{older}' WHERE session_id = %s AND question_id = %s", question["id"]
    )
    assert exam.reconciled().stale == 1


def test_an_answer_that_nobody_sent_is_seen(exam: Exam) -> None:
    exam.damage(
        "INSERT INTO session_answers (session_id, question_id, choice, sequence) VALUES (%s, %s, 'A', 1)",
        exam.candidate.questions[4]["id"],
    )
    assert exam.reconciled().never_sent == 1


def test_a_score_that_the_answers_do_not_earn_is_seen(exam: Exam) -> None:
    exam.damage("UPDATE exam_sessions SET score = score + 1 WHERE id = %s")
    assert exam.reconciled().wrong_scores == 1


def test_a_session_that_is_gone_has_vanished_with_its_answers(exam: Exam) -> None:
    for table in ("mastery_updates", "attempt_events", "session_answers", "session_questions"):
        exam.damage(f"DELETE FROM {table} WHERE session_id = %s")
    exam.damage("DELETE FROM exam_sessions WHERE id = %s")
    found = exam.reconciled()
    assert (found.vanished, found.lost) == (1, 4)


def test_an_acknowledged_submission_that_is_not_there_is_seen(exam: Exam) -> None:
    exam.damage("UPDATE exam_sessions SET status = 'ACTIVE', submitted_at = NULL, score = NULL WHERE id = %s")
    found = exam.reconciled()
    assert (found.lost_submits, found.losses) == (1, 1)


def test_a_candidate_who_cannot_log_in_again_leaves_the_session_unread(exam: Exam) -> None:
    exam.damage("UPDATE users SET password_hash = 'none' WHERE id = (SELECT user_id FROM exam_sessions WHERE id = %s)")
    found = exam.reconciled()
    assert (found.unread, found.uncompared, found.kept, found.losses) == (1, 4, 0, 0)
    (difference,) = found.differences
    assert difference.kind == "unread"
    assert difference.story.startswith(f"{exam.name} could not log in: HTTP ")


def test_a_platform_that_fails_to_answer_leaves_the_session_unread(exam: Exam) -> None:
    exam.target.api.contract = _with("read", method="POST")
    found = exam.reconciled()
    assert (found.unread, found.vanished) == (1, 0)
    assert found.differences[0].story == "the session could not be read: HTTP 405"


def test_a_review_that_is_not_shown_leaves_the_session_as_it_was_read(exam: Exam) -> None:
    exam.target.api.contract = _with("review", path="/v1/no-such/{session_id}")
    found = exam.reconciled()
    assert (found.differences, found.kept, found.scores_compared) == ((), 4, 0)


def test_a_review_that_fails_leaves_the_session_unread(exam: Exam) -> None:
    class Failing(Api):
        def call(self, named: Operation | str, *values: Any, **options: Any) -> Reply:
            reply = super().call(named, *values, **options)
            return replace(reply, status=503) if named == "review" else reply

    exam.target.connections.api = Failing(exam.target.connections.api_url, CONTRACT)
    found = exam.reconciled()
    assert (found.unread, found.differences[0].story) == (1, "the review could not be read: HTTP 503")


def _with(operation: str, **changes: object) -> Contract:
    changed = getattr(CONTRACT, operation).model_copy(update=changes)
    return CONTRACT.model_copy(update={operation: changed})


def test_a_review_without_the_right_choices_leaves_scores_unjudged(exam: Exam) -> None:
    exam.target.api.contract = _with("review", finds={"score": "score"})
    found = exam.reconciled()
    assert (found.differences, found.kept, found.scores_compared) == ((), 4, 0)
    assert found.unjudged[-1] == (
        "scores that the acknowledged answers earn: the review does not show the right choices"
    )


def test_answers_that_no_reply_tells_are_unread_and_not_lost(exam: Exam) -> None:
    silent = _with("review", finds={"score": "score"})
    read = CONTRACT.read.model_copy(update={"finds": {"status": "status"}})
    exam.target.api.contract = silent.model_copy(update={"read": read})
    found = exam.reconciled()
    assert (found.unread, found.losses) == (1, 0)
    assert "neither read nor review shows answers that can be read" in found.differences[0].story


def test_a_review_shows_a_submission_on_a_platform_without_a_status(begin: Begin, exam: Exam) -> None:
    finds = {name: place for name, place in CONTRACT.read.finds.items() if name != "status"}
    exam.target.api.contract = _with("read", finds=finds)
    assert exam.reconciled().differences == ()
    open_exam = begin("other")
    open_exam.answer(0)
    open_exam.target.api.contract = _with("read", finds=finds)
    found = open_exam.reconciled()
    assert (found.differences, found.kept, found.unsubmitted) == ((), 1, 1)


def test_a_candidate_without_a_configured_account_is_unread(exam: Exam) -> None:
    told = ApiSource(exam.target).fetch([SubjectRef(exam.id, "stranger@exam.example")])
    assert told == {exam.id: UnreadableSubject("no account of stranger@exam.example is configured")}


def test_without_candidates_nobody_can_be_asked(exam: Exam) -> None:
    environment = exam.target.environment.model_copy(update={"candidates": None})
    target = Target(environment, exam.target.files, 0)
    with pytest.raises(Unmeasurable, match="candidates is not set"):
        reconcile_ledgers(target, ("load-1.ledger.jsonl",))


def test_nothing_that_was_used_to_log_in_is_written_down(exam: Exam) -> None:
    exam.reconciled()
    password = exam.platform.state["candidates"]["password"]
    texts = [path.read_text() for path in exam.target.files.directory.rglob("*") if path.is_file()]
    assert any("sessions read back" in text for text in texts)
    assert not any(password in text or "eyJ" in text for text in texts)


def test_without_a_database_only_losses_are_judged(
    exam: Exam,
) -> None:
    evidence = integrity.gather(exam.target)
    assert (evidence.checks, evidence.summary) == ((), None)
    loss = builders.gate("zero-data-loss", integrity_after=evidence)
    assert loss.outcome == "pass"
    assert "4 of 4 acknowledged answers of 1 sessions kept as the API shows; not judged: " in loss.reason
    for gate in ("no-corrupted-sessions", "no-duplicate-submits"):
        judgement = builders.gate(gate, integrity_after=evidence)
        assert (judgement.outcome, judgement.reason) == (
            "inconclusive",
            "the SQL checks need env.staging.database_url, which is not set",
        )


class _Listed:
    count = 2

    def account(self, index: int) -> Account:
        return Account(email=("ada@exam.example", "bob@exam.example")[index], password=SecretStr(_NO_PASSWORD))


def test_an_account_is_found_by_its_email_however_accounts_are_given() -> None:
    accounts = AccountsByEmail(_Listed())
    bob = accounts.account_of("bob@exam.example")
    assert bob is not None
    assert bob.email == "bob@exam.example"
    assert accounts.account_of("eve@exam.example") is None
