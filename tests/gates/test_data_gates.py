"""Gates on what is stored."""

from typing import Any

import pytest

from pytest_examday.evidence.integrity import IntegrityEvidence
from tests import builders

LOSSES = [
    ({"lost": 2}, "acknowledged answers lost: 2"),
    ({"stale": 1}, "acknowledged answers overwritten by another value: 1"),
    ({"vanished": 1}, "sessions vanished: 1"),
    ({"lost_submits": 1}, "acknowledged submissions lost: 1"),
]
CORRUPTIONS = [
    ({"wrong_scores": 1}, "scores that the acknowledged answers do not earn: 1"),
    ({"never_sent": 2}, "answers stored that nobody sent: 2"),
    ({"accepted_after_submit": 1}, "answers saved after the submit: 1"),
    ({"owner_changed": 1}, "sessions that changed their owner: 1"),
]
CONTRADICTIONS = [
    "orphaned_answers",
    "unscored_sessions",
    "answer_question_mismatches",
    "orphaned_events",
    "inconsistent_status",
    "duplicate_mastery_updates",
]


@pytest.mark.parametrize(("found", "reason"), LOSSES)
def test_zero_data_loss_fails_on_every_kind_of_loss(found: dict[str, Any], reason: str) -> None:
    judgement = builders.judge("zero-data-loss", integrity_after=builders.integrity(**found))
    assert (judgement.outcome, judgement.reason) == ("fail", reason)


def test_zero_data_loss_fails_on_answers_that_only_the_platforms_own_log_knows() -> None:
    judgement = builders.judge("zero-data-loss", integrity_after=builders.integrity({"missing_answers": 3}))
    assert (judgement.outcome, judgement.reason) == (
        "fail",
        "answers that the platform logged and that are not stored: 3",
    )


def test_zero_data_loss_is_inconclusive_where_nothing_could_be_lost() -> None:
    judgement = builders.judge("zero-data-loss", integrity_after=builders.integrity(acknowledged=0, kept=0))
    assert (judgement.outcome, judgement.reason) == (
        "inconclusive",
        "no answer was acknowledged, so none could be lost",
    )


@pytest.mark.parametrize("unknown", ["unknown_kept", "unknown_absent", "unsubmitted"])
def test_what_was_never_acknowledged_is_no_loss(unknown: str) -> None:
    assert builders.judge("zero-data-loss", integrity_after=builders.integrity(**{unknown: 5})).outcome == "pass"


@pytest.mark.parametrize(("found", "reason"), CORRUPTIONS)
def test_no_corrupted_sessions_fails_on_what_the_ledger_contradicts(found: dict[str, Any], reason: str) -> None:
    judgement = builders.judge("no-corrupted-sessions", integrity_after=builders.integrity(**found))
    assert (judgement.outcome, judgement.reason) == ("fail", reason)


@pytest.mark.parametrize("check", CONTRADICTIONS)
def test_no_corrupted_sessions_fails_on_rows_that_contradict_each_other(check: str) -> None:
    judgement = builders.judge("no-corrupted-sessions", integrity_after=builders.integrity({check: 4}))
    assert (judgement.outcome, judgement.reason) == ("fail", f"{check.replace('_', ' ').title()}: 4")


@pytest.mark.parametrize("found", [found for found, _ in LOSSES])
def test_a_loss_alone_is_no_corruption(found: dict[str, Any]) -> None:
    assert builders.judge("no-corrupted-sessions", integrity_after=builders.integrity(**found)).outcome == "pass"


@pytest.mark.parametrize("found", [found for found, _ in CORRUPTIONS])
def test_a_corruption_alone_is_no_loss(found: dict[str, Any]) -> None:
    assert builders.judge("zero-data-loss", integrity_after=builders.integrity(**found)).outcome == "pass"


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ({"stored_sessions": 0}, "the database holds no session"),
        ({"scores_compared": 0}, "no score could be compared with acknowledged answers"),
    ],
)
def test_no_corrupted_sessions_is_inconclusive_without_anything_to_compare(found: dict[str, int], reason: str) -> None:
    judgement = builders.judge("no-corrupted-sessions", integrity_after=builders.integrity(None, **found))
    assert (judgement.outcome, judgement.reason) == ("inconclusive", reason)


@pytest.mark.parametrize("gate", ["zero-data-loss", "no-corrupted-sessions", "no-duplicate-submits"])
def test_a_check_that_was_not_run_makes_its_gate_inconclusive(gate: str) -> None:
    whole = builders.integrity()
    without = IntegrityEvidence(checks=(), summary=whole.summary, reconciliation=whole.reconciliation)
    judgement = builders.judge(gate, integrity_after=without)
    assert judgement.outcome == "inconclusive"
    assert judgement.reason.startswith("the judge crashed: KeyError")


def test_no_duplicate_submits_fails_on_a_session_submitted_twice() -> None:
    judgement = builders.judge("no-duplicate-submits", integrity_after=builders.integrity({"duplicate_submits": 1}))
    assert (judgement.outcome, judgement.reason) == ("fail", "sessions submitted more than once: 1")


def test_no_duplicate_submits_is_inconclusive_where_nobody_clicked_twice() -> None:
    judgement = builders.judge("no-duplicate-submits", load=builders.load(simultaneous_submits=0))
    assert judgement.outcome == "inconclusive"
    assert judgement.reason == "no two submits of a candidate were under way at the same moment"


@pytest.mark.parametrize("where", ["load", *builders.DRILLS])
def test_no_manual_fixes_fails_where_one_candidate_cannot_submit(where: str) -> None:
    stuck = (builders.fate("eve", submitted=False, story="submit was refused with HTTP 409"), builders.fate("bob"))
    record = builders.load(fates=stuck) if where == "load" else builders.drill(where, fates=stuck)
    judgement = builders.judge("no-manual-fixes", **{where: record})
    assert judgement.outcome == "fail"
    assert "could not submit" in judgement.reason
    assert "first: eve: submit was refused with HTTP 409" in judgement.reason


def test_no_manual_fixes_is_inconclusive_where_nobody_sat_an_exam() -> None:
    empty = {name: builders.drill(name, fates=()) for name in builders.DRILLS}
    judgement = builders.judge("no-manual-fixes", load=builders.load(fates=()), **empty)
    assert (judgement.outcome, judgement.reason) == ("inconclusive", "no candidate reached the end of an exam")


def test_no_manual_fixes_fails_where_a_submission_was_accepted_after_the_deadline() -> None:
    late = (builders.fate("eve", submitted_at=builders.EPOCH + 22.5), builders.fate("bob"))
    judgement = builders.judge("no-manual-fixes", load=builders.load(fates=late))
    assert (judgement.outcome, judgement.reason) == (
        "fail",
        "1 of 2 submissions were accepted after the deadline; the latest: eve, 2.5 s late",
    )


def test_no_manual_fixes_passes_where_the_last_submission_came_at_the_deadline() -> None:
    just = (builders.fate("eve", submitted_at=builders.EPOCH + 20), builders.fate("bob", submitted_at=None))
    assert builders.judge("no-manual-fixes", load=builders.load(fates=just)).outcome == "pass"
