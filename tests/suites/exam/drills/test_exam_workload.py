"""What the exam brings to its drills: the operations asked for recovery, and the workers that answers name."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pytest_examday.config.accounts import Account
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.contract.operation import Operation
from pytest_examday.drills.workload import Workers
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.drills import exam_workload
from pytest_examday.suites.exam.drills.all_drills import DRILLS
from pytest_examday.suites.exam.drills.exam_workload import ExamWorkload
from pytest_examday.suites.exam.probes.drill_probes import Continuity
from pytest_examday.target.accounts import PlatformAccounts
from pytest_examday.target.api import Api, LoginResult, Reply
from pytest_examday.target.runtime_of import runtime_of
from pytest_examday.target.target import Target
from tests import builders

_numbers = itertools.count()


class _Prober:
    """A prober whose steps all succeed, or who is refused the named ones."""

    questions = ({"id": "q1"},)

    def __init__(self, *refused: str) -> None:
        self.refused = refused
        self.keys: list[str] = []

    def submit_left_open(self) -> None:
        """Nothing is left open."""

    def __getattr__(self, step: str) -> Callable[..., Reply]:
        def take(**named: str) -> Reply:
            self.keys += [named["key"]] if "key" in named else []
            return _reply({"open": "create"}.get(step, step), good=step not in self.refused)

        return take


def _reply(operation: str | Operation, *, good: bool = True) -> Reply:
    found = getattr(CONTRACT, operation) if isinstance(operation, str) else operation
    status = "ok" if found == CONTRACT.health else "SUBMITTED" if found == CONTRACT.submit else "ready"
    body = {"status": status, "worker": f"worker-{1 + next(_numbers) % 2}"}
    return Reply(found, found.success[0] if good else 503, body, "ed-1", 1.0)


@pytest.fixture
def workload(target: Target, monkeypatch: pytest.MonkeyPatch) -> ExamWorkload:
    """Two candidates on a platform whose API accepts everything."""
    profile = target.environment.profile
    small = profile.model_copy(update={"drill": profile.drill.model_copy(update={"candidates": 2})})
    target = replace(target, environment=target.environment.model_copy(update={"profile": small}))
    monkeypatch.setattr(Api, "call", lambda api, name, **asked: _reply(name))
    monkeypatch.setattr(ProbeCandidate, "begin", lambda target, account: _Prober())
    return ExamWorkload(target, DRILLS[0])


def test_everything_that_the_recovery_drill_lists_is_tried_once(workload: ExamWorkload) -> None:
    tried = list(workload.try_operations())
    assert tuple(answer.operation for answer in tried) == ("health", "ready", "create", "answer", "submit")
    assert tuple(answer.operation for answer in tried) == workload.operations
    assert all(answer.accepted for answer in tried)
    assert [answer.operation for answer in tried if answer.worker] == ["ready"]


def test_without_a_session_nothing_can_be_answered_or_submitted(workload: ExamWorkload) -> None:
    workload.prober.refused = ("open",)  # type: ignore[attr-defined] # a stand-in
    refused = {answer.operation: answer.text for answer in workload.try_operations() if not answer.accepted}
    assert refused == {"create": "HTTP 503", "answer": "not reached", "submit": "not reached"}


def test_a_start_that_got_no_clear_answer_is_sent_again_with_its_key(workload: ExamWorkload) -> None:
    prober: Any = workload.prober
    prober.refused = ("open",)
    for _ in range(2):
        list(workload.try_operations())
    prober.refused = ()
    for _ in range(2):
        list(workload.try_operations())
    first, second, third, fourth = prober.keys
    assert first == second == third != fourth


def test_another_candidate_sits_the_exam_that_goes_on_after_the_fault(
    workload: ExamWorkload, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []

    def begin(target: Target, account: Account) -> _Prober:
        begun.append(account.email)
        return _Prober()

    monkeypatch.setattr(ProbeCandidate, "begin", begin)
    monkeypatch.setattr(Continuity, "begin", lambda target, candidate: candidate)
    workload.begin_work()
    assert len(begun) == 1
    assert begun[0] not in {account.email for plan in workload.actors.plans for account in plan.accounts}


def test_the_workers_of_the_platform_are_those_that_are_to_return(workload: ExamWorkload) -> None:
    assert workload.workers().named == ("worker-1", "worker-2")


def test_without_a_runtime_operations_alone_are_watched(
    workload: ExamWorkload, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(runtime: object) -> tuple[str, ...]:
        raise Unmeasurable("env.staging.runtime is not set")

    monkeypatch.setattr(type(runtime_of(target.environment, target.embedded)), "workers", unknown)
    assert workload.workers() == Workers(why_unwatched="no worker was watched, because the runtime names none")


def test_the_profile_says_who_is_at_work(workload: ExamWorkload) -> None:
    assert workload.actors_in_words == "2 candidates"


@pytest.mark.parametrize("again", ["refused", "accepted"])
def test_who_is_refused_in_a_drill_and_again_after_it_has_a_wrong_password(
    workload: ExamWorkload, monkeypatch: pytest.MonkeyPatch, again: str
) -> None:
    def log_in(accounts: PlatformAccounts, account: Account) -> LoginResult:
        if again == "refused":
            raise Unmeasurable("HTTP 401")
        return LoginResult(account, "token", None)

    monkeypatch.setattr(PlatformAccounts, "log_in", log_in)
    email = workload.actors.plans[0].accounts[0].email
    outside = builders.fate(email, finished=False, password_doubted=True, story="login was refused with HTTP 401")
    monkeypatch.setattr(type(workload.actors), "fates", lambda actors: (outside,))
    assert [one.password_doubted for one in workload.fates()] == [again == "refused"]
    made = builders.gate(
        "no-manual-fixes", drill_redis_outage=builders.drill(fates=(*workload.fates(), builders.fate()))
    )
    assert made.outcome == ("inconclusive" if again == "refused" else "fail")


def test_the_load_is_what_the_platform_does_without_a_fault(workload: ExamWorkload, target: Target) -> None:
    assert workload.figures_of_earlier_load() == ()
    target.files.store.write(builders.measured("load", builders.load()))
    assert workload.figures_of_earlier_load() == builders.exam_figures()


def test_losses_of_the_load_are_read_from_its_own_ledgers(
    workload: ExamWorkload, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[str, ...]] = []

    def reconcile(target: Target, names: tuple[str, ...]) -> Reconciliation:
        compared.append(names)
        return builders.reconciliation(lost=3)

    monkeypatch.setattr(exam_workload, "reconcile_ledgers", reconcile)
    assert workload.losses_of_earlier_load() == (0, 0)
    load = builders.load(ledgers=("ledger/load-1.ledger.jsonl",))
    target.files.store.write(builders.measured("load", load))
    lost, acknowledged = workload.losses_of_earlier_load()
    assert (lost, acknowledged >= 3, compared) == (3, True, [("load-1.ledger.jsonl",)])
