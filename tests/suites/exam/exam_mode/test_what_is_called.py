"""Nothing is called that would do its work, and what could not be tried is told as what it is."""

from collections.abc import Callable

import pytest

from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.base import CommandResult
from tests import builders

from .fakes import ACCEPTED, Answer, FakePlatform, frozen, judged, line

NOT_CALLED = (
    "protected operations and jobs were not called, because they would do their work: exam mode is not known to be on"
)


def _always(*answer: object) -> Callable[[FakePlatform, str, str], Answer]:
    return lambda platform, worker, protected: answer  # type: ignore[return-value]


@pytest.mark.parametrize("off", [("worker-2",), ("worker-1", "worker-2")])
def test_nothing_protected_is_called_when_exam_mode_is_off(
    off: tuple[str, ...],
) -> None:
    platform = FakePlatform(off=off, protected_answers=_always(*ACCEPTED))
    found = frozen(platform)
    assert platform.called == {}
    assert found.not_called == NOT_CALLED
    assert [one.name for one in found.allowed] == list(platform.dry_runs)


def test_the_reading_alone_fails_the_gate_and_the_lines_say_why_nothing_was_called() -> None:
    outcome, reason = judged(FakePlatform(off=("worker-1", "worker-2")))
    assert outcome == "fail"
    assert reason == f"exam mode is not on in 40 of 40 readings: worker-1, worker-2; {NOT_CALLED}"
    for key in ("protected-operations-are-refused", "scheduled-tasks-are-skipped"):
        assert line(FakePlatform(off=("worker-1",)), key) == ("inconclusive", NOT_CALLED)


@pytest.mark.parametrize(
    ("reads", "told"),
    [
        ((None, {}), "no reply in time"),
        ((503, {}), "HTTP 503"),
        ((200, {}), "HTTP 200, which does not show exam mode"),
    ],
)
def test_exam_mode_that_cannot_be_read_is_no_accusation_and_calls_nothing(reads: Answer, told: str) -> None:
    platform = FakePlatform(reads=reads)
    outcome, reason = judged(platform)
    assert outcome == "inconclusive"
    assert f"exam mode could not be read in 16 of 16 readings: {told}" in reason
    assert platform.called == {}


UNCLEAR: list[tuple[Answer, str]] = [
    ((None, {}), "no reply in time"),
    ((503, {"detail": "restarting"}), 'HTTP 503 "restarting"'),
    ((429, {"detail": "slow down"}), 'HTTP 429 "slow down"'),
    ((401, {"detail": "who?"}), 'HTTP 401 "who?": the platform refuses the token of env.staging'),
    (
        (403, {"detail": "admin only"}),
        'HTTP 403 "admin only", which is neither a refusal by exam mode nor an acceptance',
    ),
    ((422, {"error": "no body"}), 'HTTP 422 "no body": the platform refuses the body that the contract gives'),
]


@pytest.mark.parametrize(("answer", "told"), UNCLEAR)
def test_an_unclear_reply_of_a_protected_operation_is_reported_once(answer: Answer, told: str) -> None:
    outcome, reason = judged(FakePlatform(protected_answers=_always(*answer)))
    assert outcome == "inconclusive"
    names = (
        "BKT recompute, rank runs, IRT calibration, email outbox drain, notification broadcast, bulk question import"
    )
    assert reason == f"protected operation {names} could not be tried: {told}"


def test_a_route_that_is_not_there_is_a_wrong_path_in_the_contract() -> None:
    outcome, reason = judged(FakePlatform(protected_answers=_always(404, {"detail": "Not Found"})))
    assert outcome == "inconclusive"
    assert (
        "protected operation rank runs could not be tried: HTTP 404: the platform has no POST /v1/admin/rank/runs; "
        "correct the path "
        "in the contract"
    ) in reason


def test_a_protected_operation_is_not_called_again_when_callers_are_told_to_wait() -> None:
    platform = FakePlatform(protected_answers=_always(429, {}))
    frozen(platform)
    assert sum(platform.called.values()) == len(platform.protected) + len(platform.jobs)


def test_a_worker_that_accepts_is_found_behind_one_that_does_not_answer() -> None:
    def answers(platform: FakePlatform, worker: str, protected: str) -> Answer:
        return (None, {}) if worker == "worker-1" else ACCEPTED

    outcome, reason = judged(FakePlatform(protected_answers=answers))
    assert outcome == "fail"
    assert "protected operation rank runs: HTTP 202 by worker-2: not refused by exam mode" in reason


NOTHING: list[tuple[FakePlatform, str]] = [
    (FakePlatform(protected=()), "no protected operation was tried: the contract names none"),
    (FakePlatform(dry_runs={}), "no allowed operation was tried: the contract names none"),
    (FakePlatform(jobs=()), "no background job was tried: the contract names none"),
    (
        FakePlatform(protected=(), dry_runs={}, jobs=()),
        "no background job was tried: the contract names none; no protected operation was tried: the contract names "
        "none; no allowed operation was tried: the contract names none",
    ),
    (FakePlatform(known=(), names=False), "neither readings nor the runtime name the workers behind 11 connections"),
]


@pytest.mark.parametrize(("platform", "told"), NOTHING, ids=[told for _, told in NOTHING])
def test_what_is_not_declared_is_inconclusive_and_crashes_nothing(platform: FakePlatform, told: str) -> None:
    assert judged(platform) == ("inconclusive", told)


def test_jobs_that_nobody_can_run_are_no_failure() -> None:
    def refuse(platform: FakePlatform, job: str) -> CommandResult:
        raise Unmeasurable("there is no runtime")

    told = "job revision_queue_regen, warehouse_incremental_export could not be tried: there is no runtime"
    assert judged(FakePlatform(ran=refuse)) == ("inconclusive", told)


@pytest.mark.parametrize("status", [126, 127])
def test_a_command_that_the_shell_does_not_find_is_no_failed_job(status: int) -> None:
    outcome, reason = judged(FakePlatform(ran=lambda platform, job: CommandResult(status, "sh: manage: not found")))
    assert outcome == "inconclusive"
    assert f"was not found or could not be run: exit status {status}: sh: manage: not found" in reason


def test_a_job_that_does_its_work_fails() -> None:
    outcome, reason = judged(FakePlatform(ran=lambda platform, job: CommandResult(0, '{"outcome": "done"}')))
    assert outcome == "fail"
    assert 'job revision_queue_regen: exit status 0: {"outcome": "done"}' in reason


def test_a_candidate_who_cannot_log_in_leaves_the_rest_of_the_freeze_as_it_is() -> None:
    platform = FakePlatform(off=("worker-1",), lets_in=False)
    found = frozen(platform, endpoints=None)
    assert [one.name for one in found.endpoints] == ["health", "ready"]
    assert found.exam_mode_by_worker == {"worker-1": False, "worker-2": True}
    created = builders.line("session-creation-works", freeze=found)
    assert (created.outcome, created.reason) == ("inconclusive", "c@exam.example could not log in: HTTP 429")


def test_without_an_administrator_everything_else_is_judged() -> None:
    outcome, reason = judged(FakePlatform(token=False))
    assert outcome == "inconclusive"
    assert reason.count("could not be tried: no administrator is configured") == 2
    assert judged(FakePlatform(token=False, off=("worker-1",)))[0] == "fail"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((403, {"detail": "exam mode: no"}), "fail"),
        ((500, {}), "fail"),
        ((404, {}), "inconclusive"),
        ((403, {"detail": "admin only"}), "inconclusive"),
        ((401, {}), "inconclusive"),
    ],
)
def test_a_dry_run_fails_where_exam_mode_refuses_it_or_the_platform_breaks(answer: Answer, outcome: str) -> None:
    assert judged(FakePlatform(allowed=lambda platform: answer))[0] == outcome
