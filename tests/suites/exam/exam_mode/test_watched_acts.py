"""Words are not believed: what a refusal, a skipped job or a dry run writes is found, and others are not accused."""

from collections.abc import Callable

import pytest

from pytest_examday.contract.contract import Job, ProtectedOperation
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.runtimes.base import CommandResult

from .fakes import REFUSED, SKIPPED, Answer, FakePlatform, frozen, judged, line

LINE = "refusals-and-dry-runs-have-no-effect"
UNNAMED: tuple[ProtectedOperation, ...] = tuple(one.model_copy(update={"effects": ()}) for one in CONTRACT.protected)
UNNAMED_JOBS: tuple[Job, ...] = tuple(one.model_copy(update={"effects": ()}) for one in CONTRACT.jobs)
EXECUTED = {"rank runs": "user_ranks", "email outbox drain": "email_outbox", "notification broadcast": "notifications"}


def _executes(*executed: str, at: str | None = None, rows: int = 1) -> Callable[[FakePlatform, str, str], Answer]:
    """These protected operations answer 403 and write; if `at` is given, on that worker alone."""

    def answers(platform: FakePlatform, worker: str, protected: str) -> Answer:
        if protected in executed and at in (None, worker):
            platform.write(*[EXECUTED[protected]] * rows, "admin_runs")
        return REFUSED

    return answers


def _writes_as_it_skips(platform: FakePlatform, job: str) -> CommandResult:
    if job == "warehouse_incremental_export":
        platform.write("warehouse_sessions", "job_runs")
    return SKIPPED


@pytest.mark.parametrize("protected", EXECUTED)
@pytest.mark.parametrize("seed", range(10))
def test_a_protected_operation_that_answers_403_and_executes_is_found_each_time(protected: str, seed: int) -> None:
    outcome, reason = judged(FakePlatform(protected_answers=_executes(protected), seed=seed))
    assert outcome == "fail"
    assert reason == (
        f"protected operation {protected}: refused by worker-1, worker-2, and these tables changed: "
        f"admin_runs (rows written: 2, "
        f"gone: 0), {EXECUTED[protected]} (rows written: 2, gone: 0)"
    )


def test_several_protected_operations_that_execute_are_each_told() -> None:
    outcome, reason = judged(FakePlatform(protected_answers=_executes(*EXECUTED)))
    assert outcome == "fail"
    assert all(f"protected operation {protected}: refused" in reason for protected in EXECUTED)


@pytest.mark.parametrize("seed", range(10))
def test_the_one_worker_whose_refusal_executes_is_named(seed: int) -> None:
    workers = tuple(f"worker-{number}" for number in range(1, 9))
    platform = FakePlatform(workers, protected_answers=_executes("rank runs", at="worker-5"), seed=seed)
    outcome, reason = judged(platform)
    assert outcome == "fail"
    assert reason.startswith("protected operation rank runs: refused by worker-5, and these tables changed: ")


def test_a_job_that_says_skipped_and_writes_is_found() -> None:
    assert judged(FakePlatform(ran=_writes_as_it_skips)) == (
        "fail",
        "job warehouse_incremental_export: skipped, and these tables changed: warehouse_sessions (rows written: 1, "
        "gone: 0)",
    )


def test_a_dry_run_that_writes_is_found() -> None:
    def answer(platform: FakePlatform) -> Answer:
        platform.write("questions", "questions")
        return 200, {}

    outcome, reason = judged(FakePlatform(allowed=answer))
    assert outcome == "fail"
    assert reason.endswith("accepted as a dry run, and these tables changed: questions (rows written: 2, gone: 0)")


def test_more_rows_than_calls_in_an_unnamed_table_are_an_effect() -> None:
    platform = FakePlatform(protected=UNNAMED, protected_answers=_executes("notification broadcast", rows=40))
    outcome, reason = judged(platform)
    assert outcome == "fail"
    assert reason.endswith("these tables changed: notifications (rows written: 80, gone: 0)")


def _notes(platform: FakePlatform, worker: str, protected: str) -> Answer:
    platform.write("audit")
    return REFUSED


def test_one_row_for_each_refusal_in_an_unnamed_table_is_inconclusive() -> None:
    outcome, reason = judged(FakePlatform(protected=UNNAMED, protected_answers=_notes))
    assert outcome == "inconclusive"
    assert "audit (rows written: 2, gone: 0); if that is the platform's note of the call, name the table" in reason


def test_the_platforms_own_records_of_what_it_refused_are_no_effect() -> None:
    platform = FakePlatform(
        protected=UNNAMED,
        jobs=UNNAMED_JOBS,
        protected_answers=_notes,
        ran=_job_is_noted,
        audit_tables=("audit", "public.job_runs"),
    )
    assert judged(platform)[0] == "pass"


def _job_is_noted(platform: FakePlatform, job: str) -> CommandResult:
    platform.write("job_runs")
    return SKIPPED


def test_tables_that_nobody_named_are_not_looked_at_where_the_contract_names_some() -> None:
    assert judged(FakePlatform(protected_answers=_notes, ran=_job_is_noted))[0] == "pass"


@pytest.mark.parametrize("protected", [CONTRACT.protected, UNNAMED], ids=["named", "unnamed"])
def test_tables_that_others_write_to_all_the_time_prove_nothing(protected: tuple[ProtectedOperation, ...]) -> None:
    def traffic(platform: FakePlatform) -> None:
        platform.write("notifications", "admin_runs")

    assert judged(FakePlatform(protected=protected, traffic=traffic))[0] == "pass"
    outcome, reason = line(FakePlatform(protected=protected, traffic=traffic), LINE)
    assert (outcome, reason) == (
        "inconclusive",
        "others write to admin_runs, notifications too, so nothing is known of these; a table of tokens or notes "
        "belongs in the contract's audit_tables",
    )


def test_a_table_of_notes_to_which_others_write_all_the_time_leaves_nothing_open() -> None:
    def traffic(platform: FakePlatform) -> None:
        platform.write("audit")

    platform = FakePlatform(protected=UNNAMED, traffic=traffic, audit_tables=("audit",))
    assert line(platform, LINE)[0] == "pass"


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("share", [0.05, 0.3])
def test_what_others_write_now_and_then_is_never_an_accusation(seed: int, share: float) -> None:
    """Writes at random moments: some fall only between a protected operation's call and the look behind it."""

    def traffic(platform: FakePlatform) -> None:
        if platform.chance.random() < share and platform.called["job"] + sum(platform.called.values()) < _LAST:
            platform.write("notifications", "user_ranks")

    assert judged(FakePlatform(protected=UNNAMED, traffic=traffic, seed=seed))[0] != "fail"


_LAST = 10
"""Others stop writing before all is called: a change that does not come again is not the protected operation's."""


def test_what_happened_once_in_a_table_that_the_contract_names_is_left_open() -> None:
    def answers(platform: FakePlatform, worker: str, protected: str) -> Answer:
        if protected == "email outbox drain" and platform.called.total() < 12:
            platform.write("email_outbox")  # the second drain finds nothing left to send
        return REFUSED

    outcome, reason = judged(FakePlatform(protected_answers=answers))
    assert outcome == "inconclusive"
    assert "and not when it was tried again: its effect, or somebody else's" in reason


def test_what_an_operation_writes_after_its_answer_is_not_told_of_the_next_one() -> None:
    late: list[str] = []

    def answers(platform: FakePlatform, worker: str, protected: str) -> Answer:
        if late:
            platform.write(late.pop())
        if protected == "rank runs":
            late.append("user_ranks")
        return REFUSED

    def traffic(platform: FakePlatform) -> None:
        if late and platform.called.total() > 14:
            platform.write(late.pop())

    found = frozen(FakePlatform(protected=UNNAMED, protected_answers=answers, traffic=traffic)).effects
    assert found is not None
    assert {change.name for change in found.changes} == {"rank runs"}


def test_an_effect_after_an_untried_operation_belongs_to_the_one_before() -> None:
    first, second = CONTRACT.protected[:2]
    shown: list[str] = []

    def answers(platform: FakePlatform, worker: str, protected: str) -> Answer:
        if protected == second.name:
            shown.append(protected)
            platform.write(first.effects[0])
            return 500, {}
        if protected == first.name and shown:
            platform.write(first.effects[0])
        return REFUSED

    outcome, reason = judged(FakePlatform(protected_answers=answers))
    assert outcome == "fail"
    assert f"protected operation {first.name}: refused" in reason


def test_without_a_database_nothing_is_known_of_effects_and_nobody_accused() -> None:
    platform = FakePlatform(database=False, protected_answers=_executes("rank runs"))
    assert judged(platform)[0] == "pass"
    assert line(FakePlatform(database=False), LINE) == (
        "inconclusive",
        "the database was not looked at: env.staging.database_url is not set",
    )


def test_an_accepted_protected_operation_is_reported_once() -> None:
    def answers(platform: FakePlatform, worker: str, protected: str) -> Answer:
        platform.write("admin_runs")
        return 202, {}

    outcome, reason = judged(FakePlatform(protected_answers=answers))
    assert outcome == "fail"
    assert "these tables changed" not in reason
