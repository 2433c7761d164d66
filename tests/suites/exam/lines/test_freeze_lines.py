"""The gate on exam mode."""

from typing import Any

import pytest

from pytest_examday.suites.exam.evidence import ProtectedCalls
from tests import builders

EXAM = {"health", "ready", "create", "answer", "submit"}
FAILURES: list[tuple[dict[str, Any], str]] = [
    ({"exam_mode_readings": (True, False)}, "exam mode is not on in 1 of 2 readings"),
    (
        {"exam_mode_readings": (True, False), "exam_mode_by_worker": {"worker-1": True, "worker-5": False}},
        "exam mode is not on in 1 of 2 readings: worker-5",
    ),
    ({"exam_mode_environment": {"worker-2": "false"}}, "worker-2 runs with exam mode 'false'"),
    ({"exam_mode_environment": {"worker-2": None}}, "worker-2 runs with exam mode None"),
    ({"protected": (builders.probe("rank runs", False, "HTTP 202"),)}, "protected operation rank runs: HTTP 202"),
    ({"allowed": (builders.probe("dry run", False, "HTTP 403"),)}, "allowed operation dry run: HTTP 403"),
    ({"jobs": (builders.probe("export", False, "exit status 1"),)}, "job export: exit status 1"),
    (
        {
            "effects": builders.effects(
                builders.table_change(workers=("worker-3",)), builders.table_change(table="runs")
            )
        },
        "protected operation rank runs: refused by worker-3, and these tables changed: "
        "user_ranks (rows written: 1, gone: 0), "
        "runs (rows written: 1, gone: 0)",
    ),
    (
        {"effects": builders.effects(builders.table_change(kind="job", name="export", table="warehouse"))},
        "job export: skipped, and these tables changed: warehouse (rows written: 1, gone: 0)",
    ),
    (
        {"effects": builders.effects(builders.table_change(kind="allowed", name="dry run", named=False, gone=2))},
        "allowed operation dry run: accepted as a dry run, and these tables changed: user_ranks (rows "
        "written: 1, gone: 2)",
    ),
    *(
        (
            {"endpoints": (*builders.probes(*(EXAM - {name})), builders.probe(name, False, "HTTP 500"))},
            f"{name} does not work: HTTP 500",
        )
        for name in sorted(EXAM)
    ),
]
DOUBTS: list[tuple[dict[str, Any], str]] = [
    ({"exam_mode_readings": ()}, "exam mode was never read"),
    (
        {"exam_mode_readings": (None, True), "unreadable": ("HTTP 503",)},
        "exam mode could not be read in 1 of 2 readings: HTTP 503",
    ),
    ({"workers_known": ("worker-1", "worker-2")}, "worker-2 gave no reading on 11 connections"),
    (
        {"workers_known": (), "connections": 10},
        "10 connections are too few to know that there are no more workers than worker-1",
    ),
    (
        {"workers_known": (), "workers_seen": ()},
        "neither readings nor the runtime name the workers behind 11 connections",
    ),
    (
        {"workers_known": ("worker-1", "worker-2"), "workers_seen": (), "connections": 10},
        "readings do not name their worker, and 10 connections are too few for 2 workers",
    ),
    (
        {"workers_known": ("backend-1", "backend-2")},
        "11 connections reached 1 workers and the runtime knows 2",
    ),
    ({"not_called": "protected operations and jobs were not called"}, "protected operations and jobs were not called"),
    ({"protected": ()}, "no protected operation was tried: the contract names none"),
    (
        {"untried": (builders.untried("protected", "IRT"), builders.untried("protected", "BKT"))},
        "protected operation IRT, BKT could not be tried: HTTP 503",
    ),
    ({"untried": (builders.untried("job", "export", "no runtime"),)}, "job export could not be tried: no runtime"),
    ({"untried": (builders.untried("allowed", "dry run"),)}, "allowed operation dry run could not be tried: HTTP 503"),
    (
        {"protected_calls": (ProtectedCalls(name="rank runs", calls=1, workers=("worker-1",), missed=("worker-2",)),)},
        "protected operation rank runs: not tried on worker-2",
    ),
    (
        {"effects": builders.effects(builders.table_change(table="audit", named=False))},
        "protected operation rank runs: refused, and these tables changed: "
        "audit (rows written: 1, gone: 0); if that is the "
        "platform's note of the call, name the table in the contract's audit_tables, otherwise in its effects",
    ),
    (
        {"effects": builders.effects(builders.table_change(repeated=False))},
        "protected operation rank runs: refused, and these tables changed: "
        "user_ranks (rows written: 1, gone: 0), and not when it "
        "was tried again: its effect, or somebody else's",
    ),
    ({"allowed": ()}, "no allowed operation was tried: the contract names none"),
    ({"jobs": ()}, "no background job was tried: the contract names none"),
    *(({"endpoints": builders.probes(*(EXAM - {name}))}, f"{name} was not tried") for name in sorted(EXAM)),
]


@pytest.mark.parametrize(("found", "reason"), FAILURES)
def test_exam_mode_fails_where_anything_is_not_frozen(found: dict[str, Any], reason: str) -> None:
    result = builders.gate("exam-mode-verified", freeze=builders.freeze(**found))
    assert (result.outcome, result.reason) == ("fail", reason)


@pytest.mark.parametrize(("found", "reason"), DOUBTS)
def test_exam_mode_is_inconclusive_where_something_was_not_tried(found: dict[str, Any], reason: str) -> None:
    result = builders.gate("exam-mode-verified", freeze=builders.freeze(**found))
    assert (result.outcome, result.reason) == ("inconclusive", reason)


def test_exam_mode_may_be_written_as_the_platform_likes() -> None:
    frozen = builders.freeze(exam_mode_environment={"worker-1": "True"})
    assert builders.gate("exam-mode-verified", freeze=frozen).outcome == "pass"


UNMEASURED: list[tuple[str, dict[str, Any], str]] = [
    (
        "workers-have-one-name",
        {"workers_known": ("backend-1",)},
        "readings name worker-1, which the runtime does not know (it knows backend-1): a mistake in the configuration",
    ),
    ("workers-have-one-name", {"workers_known": ()}, "the runtime does not name the workers"),
    (
        "refusals-and-dry-runs-have-no-effect",
        {"effects": None, "effects_unmeasured": "env.x.database_url is not set"},
        "the database was not looked at: env.x.database_url is not set",
    ),
    (
        "refusals-and-dry-runs-have-no-effect",
        {"effects": builders.effects(moving=("notifications",))},
        "others write to notifications too, so nothing is known of these; a table of tokens or notes belongs in the "
        "contract's audit_tables",
    ),
    (
        "refusals-and-dry-runs-have-no-effect",
        {"effects": builders.effects(builders.table_change(named=False, repeated=False))},
        "others write to user_ranks too, so nothing is known of these; a table of tokens or notes belongs in the "
        "contract's audit_tables",
    ),
    (
        "refusals-and-dry-runs-have-no-effect",
        {"effects": builders.effects(unread={"user_ranks": "this role may not read it"})},
        "user_ranks was not compared: this role may not read it",
    ),
]


@pytest.mark.parametrize(("line", "found", "reason"), UNMEASURED)
def test_what_only_the_rehearsal_cannot_see_is_told_and_holds_nothing_up(
    line: str, found: dict[str, Any], reason: str
) -> None:
    frozen = builders.freeze(**found)
    told = builders.line(line, freeze=frozen)
    assert told.outcome == "inconclusive"
    assert told.reason.startswith(reason)
    assert builders.gate("exam-mode-verified", freeze=frozen).outcome == "pass"


def test_one_cause_is_said_once_and_the_reading_alone_fails() -> None:
    """Protected operations and jobs that were not called because exam mode is off are no failures of their own."""
    frozen = builders.freeze(
        exam_mode_readings=(True, False), not_called="not called", protected=(), jobs=(), protected_calls=()
    )
    result = builders.gate("exam-mode-verified", freeze=frozen)
    assert (result.outcome, result.reason) == ("fail", "exam mode is not on in 1 of 2 readings; not called")
    assert builders.line("protected-operations-are-refused", freeze=frozen).reason == "not called"
