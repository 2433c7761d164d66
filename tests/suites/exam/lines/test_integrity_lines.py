"""Gates on what is stored."""

import re
from typing import Any

import pytest

from pytest_examday.evidence.reconciliation import EVENT_HISTORY, Difference
from pytest_examday.suites.exam.evidence import IntegrityEvidence
from tests import builders

LOSSES = [
    ({"lost": 2}, "acknowledged answers lost: 2"),
    ({"stale": 1}, "acknowledged answers overwritten by another value: 1"),
    ({"vanished": 1}, "sessions vanished: 1"),
    ({"lost_submits": 1}, "acknowledged submissions lost: 1"),
    ({"event_missing": 2}, "acknowledged answers that the platform's event history does not have: 2"),
    ({"event_disagrees": 1}, "acknowledged answers of which the platform's event history says something else: 1"),
]
UNCHECKED = "the SQL checks need env.staging.database_url, which is not set"
CORRUPTIONS = [
    ({"wrong_scores": 1}, "scores that the acknowledged answers do not earn: 1"),
    ({"never_sent": 2}, "answers stored that nobody sent: 2"),
    ({"accepted_after_submit": 1}, "answers saved after the submit: 1"),
    ({"shared_owners": 1}, "candidates who were logged in as another one: 1"),
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
    result = builders.gate("zero-data-loss", integrity_after=builders.integrity(**found))
    assert (result.outcome, result.reason) == ("fail", reason)


def test_a_loss_names_the_first_who_lost_something_where_and_when() -> None:
    difference = UNREAD.model_copy(
        update={"kind": "lost", "key": "q1", "acknowledged_at": 3661.0, "story": "it is gone"}
    )
    result = builders.gate("zero-data-loss", integrity_after=builders.integrity(lost=2, differences=(difference,)))
    assert result.reason == (
        "acknowledged answers lost: 2 (first: eve, session s-1, question q1, acknowledged at 01:01:01 UTC: it is gone)"
    )


def test_a_check_that_found_rows_tells_the_first() -> None:
    whole = builders.integrity()
    found = builders.sql_check("orphaned_answers", 2).model_copy(update={"sample": ({"session_id": "s-1", "n": "3"},)})
    checks = tuple(found if check.name == found.name else check for check in whole.checks)
    result = builders.gate("no-corrupted-sessions", integrity_after=whole.model_copy(update={"checks": checks}))
    assert result.reason == "Orphaned Answers: 2 (first: session_id s-1, n 3)"


def test_what_a_source_was_found_not_to_show_is_left_open() -> None:
    result = builders.gate(
        "no-corrupted-sessions", integrity_after=builders.integrity(not_shown=("owners are unlike",))
    )
    assert (result.outcome, result.reason) == ("inconclusive", "owners are unlike")


def test_zero_data_loss_fails_on_answers_that_only_the_event_history_knows() -> None:
    result = builders.gate("zero-data-loss", integrity_after=builders.integrity({"missing_answers": 3}))
    assert (result.outcome, result.reason) == (
        "fail",
        "answers that the platform logged and that are not stored: 3",
    )


def test_a_loss_that_the_event_history_has_is_one_loss() -> None:
    result = builders.gate("zero-data-loss", integrity_after=builders.integrity(stale=1, losses_in_history=1))
    assert result.reason == "acknowledged answers overwritten by another value: 1"


def _told_by_the_api(**found: Any) -> IntegrityEvidence:
    """What an environment without database leaves."""
    values = {"source": "api", "unjudged": ("owners", "late answers"), **found}
    return IntegrityEvidence(
        checks=(), summary=None, reconciliation=builders.reconciliation(**values), checks_unmeasured=UNCHECKED
    )


def test_zero_data_loss_passes_on_the_word_of_the_api_and_says_what_was_not_judged() -> None:
    result = builders.gate("zero-data-loss", integrity_after=_told_by_the_api())
    assert (result.outcome, result.reason) == (
        "pass",
        "100 of 100 acknowledged answers of 10 sessions kept as the API shows; not judged: owners, late answers",
    )


@pytest.mark.parametrize(("found", "reason"), LOSSES)
def test_zero_data_loss_fails_on_the_word_of_the_api(found: dict[str, Any], reason: str) -> None:
    result = builders.gate("zero-data-loss", integrity_after=_told_by_the_api(**found))
    assert (result.outcome, result.reason) == ("fail", reason)


UNREAD = Difference(
    kind="unread",
    actor="eve",
    subject="s-1",
    key=None,
    acknowledged=None,
    stored=None,
    request_id=None,
    story="eve could not log in: HTTP 429",
)


def test_zero_data_loss_says_where_the_database_has_no_log_of_answers() -> None:
    result = builders.gate("zero-data-loss", integrity_after=builders.integrity(unjudged=(EVENT_HISTORY,)))
    assert (result.outcome, result.reason) == (
        "pass",
        "100 of 100 acknowledged answers of 10 sessions kept; not judged: the platform's event history",
    )


def test_one_session_that_could_not_be_read_back_makes_zero_data_loss_inconclusive() -> None:
    found = {"unread": 1, "uncompared": 7, "kept": 93, "differences": (UNREAD,)}
    result = builders.gate("zero-data-loss", integrity_after=_told_by_the_api(**found))
    assert (result.outcome, result.reason) == (
        "inconclusive",
        "1 of 10 sessions could not be read back, and 7 acknowledged answers with them; "
        "first: eve: eve could not log in: HTTP 429",
    )


def test_a_loss_beside_a_session_that_could_not_be_read_back_is_a_failure() -> None:
    result = builders.gate("zero-data-loss", integrity_after=_told_by_the_api(unread=1, uncompared=7, lost=1))
    assert result.outcome == "fail"


@pytest.mark.parametrize("gate", ["no-corrupted-sessions", "no-duplicate-submits"])
def test_checks_that_could_not_be_run_make_their_gates_inconclusive(gate: str) -> None:
    result = builders.gate(gate, integrity_after=_told_by_the_api())
    assert (result.outcome, result.reason) == ("inconclusive", UNCHECKED)


@pytest.mark.parametrize(("found", "reason"), CORRUPTIONS)
def test_no_corrupted_sessions_fails_by_the_api_without_tables(found: dict[str, Any], reason: str) -> None:
    result = builders.gate("no-corrupted-sessions", integrity_after=_told_by_the_api(**found))
    assert result.outcome == "fail"
    assert result.reason.startswith(reason)


def test_no_corrupted_sessions_is_inconclusive_where_a_session_could_not_be_read() -> None:
    result = builders.gate("no-corrupted-sessions", integrity_after=builders.integrity(unread=1, uncompared=3))
    assert result.outcome == "inconclusive"
    assert result.reason == "1 of 10 sessions could not be read back, and 3 acknowledged answers with them"


def test_zero_data_loss_is_inconclusive_where_nothing_could_be_lost() -> None:
    result = builders.gate("zero-data-loss", integrity_after=builders.integrity(acknowledged=0, kept=0))
    assert (result.outcome, result.reason) == (
        "inconclusive",
        "no answer was acknowledged, so none could be lost",
    )


@pytest.mark.parametrize("unknown", ["unknown_kept", "unknown_absent", "unsubmitted"])
def test_what_was_never_acknowledged_is_no_loss(unknown: str) -> None:
    assert builders.gate("zero-data-loss", integrity_after=builders.integrity(**{unknown: 5})).outcome == "pass"


@pytest.mark.parametrize(("found", "reason"), CORRUPTIONS)
def test_no_corrupted_sessions_fails_on_what_the_ledger_contradicts(found: dict[str, Any], reason: str) -> None:
    result = builders.gate("no-corrupted-sessions", integrity_after=builders.integrity(**found))
    assert (result.outcome, result.reason) == ("fail", reason)


@pytest.mark.parametrize("check", CONTRADICTIONS)
def test_no_corrupted_sessions_fails_on_rows_that_contradict_each_other(check: str) -> None:
    result = builders.gate("no-corrupted-sessions", integrity_after=builders.integrity({check: 4}))
    assert (result.outcome, result.reason) == ("fail", f"{check.replace('_', ' ').title()}: 4")


@pytest.mark.parametrize("found", [found for found, _ in LOSSES])
def test_a_loss_alone_is_no_corruption(found: dict[str, Any]) -> None:
    assert builders.gate("no-corrupted-sessions", integrity_after=builders.integrity(**found)).outcome == "pass"


@pytest.mark.parametrize("found", [found for found, _ in CORRUPTIONS])
def test_a_corruption_alone_is_no_loss(found: dict[str, Any]) -> None:
    assert builders.gate("zero-data-loss", integrity_after=builders.integrity(**found)).outcome == "pass"


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ({"stored_sessions": 0}, "the database holds no session"),
        ({"scores_compared": 0}, "no score could be compared with acknowledged answers"),
    ],
)
def test_no_corrupted_sessions_is_inconclusive_without_anything_to_compare(found: dict[str, int], reason: str) -> None:
    result = builders.gate("no-corrupted-sessions", integrity_after=builders.integrity(None, **found))
    assert (result.outcome, result.reason) == ("inconclusive", reason)


@pytest.mark.parametrize("gate", ["zero-data-loss", "no-corrupted-sessions", "no-duplicate-submits"])
def test_a_check_that_was_not_run_makes_its_gate_inconclusive(gate: str) -> None:
    whole = builders.integrity()
    without = IntegrityEvidence(checks=(), summary=whole.summary, reconciliation=whole.reconciliation)
    result = builders.gate(gate, integrity_after=without)
    assert result.outcome == "inconclusive"
    assert re.match(r"the SQL check \w+ was not run", result.reason)


def test_no_duplicate_submits_fails_on_a_session_submitted_twice() -> None:
    result = builders.gate("no-duplicate-submits", integrity_after=builders.integrity({"duplicate_submits": 1}))
    assert (result.outcome, result.reason) == ("fail", "sessions submitted more than once: 1")


def test_no_duplicate_submits_is_inconclusive_where_nobody_clicked_twice() -> None:
    result = builders.gate("no-duplicate-submits", load=builders.load(simultaneous_submits=0))
    assert result.outcome == "inconclusive"
    assert result.reason == "no two submits of a candidate were under way at the same moment"


@pytest.mark.parametrize("where", ["load", *builders.DRILLS])
def test_no_manual_fixes_fails_where_one_candidate_cannot_submit(where: str) -> None:
    stuck = (builders.fate("eve", finished=False, story="submit was refused with HTTP 409"), builders.fate("bob"))
    record = builders.load(fates=stuck) if where == "load" else builders.drill(where, fates=stuck)
    result = builders.gate("no-manual-fixes", **{where: record})
    assert result.outcome == "fail"
    assert "could not submit" in result.reason
    assert "first: eve: submit was refused with HTTP 409" in result.reason


def test_a_candidate_who_was_not_let_in_needs_no_repair_and_leaves_the_gate_open() -> None:
    outside = builders.fate("eve", finished=False, password_doubted=True, story="login was refused with HTTP 401")
    result = builders.gate("no-manual-fixes", load=builders.load(fates=(outside, builders.fate("bob"))))
    assert (result.outcome, result.reason) == (
        "inconclusive",
        "load: 1 of 2 candidates were refused at log-in, during the load and again after it; first: eve: login was "
        "refused with HTTP 401; is the password right?",
    )


def test_no_manual_fixes_is_inconclusive_where_nobody_sat_an_exam() -> None:
    empty = {name: builders.drill(name, fates=()) for name in builders.DRILLS}
    result = builders.gate("no-manual-fixes", load=builders.load(fates=()), **empty)
    nobody = "no candidate reached the end of an exam"
    assert result.outcome == "inconclusive"
    scenarios = [builders.drill(name).scenario for name in builders.DRILLS]
    assert result.reason == "; ".join(f"{name}: {nobody}" for name in ("load", *scenarios))


def test_no_manual_fixes_fails_where_a_submission_was_accepted_after_the_deadline() -> None:
    late = (builders.fate("eve", finished_at=builders.EPOCH + 22.5), builders.fate("bob"))
    result = builders.gate("no-manual-fixes", load=builders.load(fates=late))
    assert (result.outcome, result.reason) == (
        "fail",
        "1 of 2 submissions were accepted after the deadline; the latest: eve, 2.5 s late",
    )


def test_no_manual_fixes_passes_where_the_last_submission_came_at_the_deadline() -> None:
    just = (builders.fate("eve", finished_at=builders.EPOCH + 20), builders.fate("bob", finished_at=None))
    assert builders.gate("no-manual-fixes", load=builders.load(fates=just)).outcome == "pass"
