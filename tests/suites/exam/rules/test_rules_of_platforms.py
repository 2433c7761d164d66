"""Rules that a platform may have: no submit just after the start, and one open exam for each person."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from pytest_examday.config.accounts import Account
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.check import candidate_operations
from pytest_examday.suites.exam.check.check_result import CheckResult
from pytest_examday.suites.exam.probes.drill_probes import retry, whole_exam
from pytest_examday.target.api import LoginResult, Reply

_ADA = LoginResult(Account(email="ada@exam.example", password=SecretStr("her password")), "token", None)
_QUESTIONS = [{"question_id": "q1", "choices": [{"key": "A"}, {"key": "B"}]}]
_TOO_EARLY = {"detail": "the exam cannot be submitted in its first seconds"}


class _Platform:
    """Sits exams by its rules. `broken` operations answer with HTTP 500, as they do in a fault."""

    def __init__(self, *, refuses_seconds: float = 0.0, one_open: bool = False) -> None:
        self.refuses_seconds, self.one_open = refuses_seconds, one_open
        self.open: dict[str, float] = {}
        self.called: list[str] = []
        self.broken: set[str] = set()

    def call(self, operation: str, values: Any = None, token: object = None, **named: object) -> Reply:
        self.called.append(operation)
        if operation in self.broken:
            return self._reply(operation, 500, {"detail": "internal error"})
        if operation == "create":
            if self.one_open and self.open:
                return self._reply(operation, 409, {"detail": "you have an open exam"})
            session = f"s-{len(self.called)}"
            self.open[session] = time.monotonic()
            return self._reply(operation, 201, {"session_id": session, "questions": _QUESTIONS})
        if operation == "submit":
            begun = self.open.get(values["session_id"], 0.0)
            if time.monotonic() - begun < self.refuses_seconds:
                return self._reply(operation, 409, _TOO_EARLY)
            self.open.pop(values["session_id"], None)
            return self._reply(operation, 200, {"status": "SUBMITTED", "score": 1})
        return self._reply(operation, 200, {"status": "ACTIVE"})

    def _reply(self, operation: str, status: int, body: object) -> Reply:
        return Reply(getattr(CONTRACT, operation), status, body, "ed-1", 1.0, text=str(body))


def _candidate(platform: _Platform, earliest_submit_seconds: float = 0.0) -> ProbeCandidate:
    contract = CONTRACT.model_copy(update={"earliest_submit_seconds": earliest_submit_seconds})
    target: Any = SimpleNamespace(
        api=platform,
        environment=SimpleNamespace(platform=SimpleNamespace(contract=contract)),
        files=SimpleNamespace(redactor=SimpleNamespace(clean=str)),
        accounts=SimpleNamespace(log_in=lambda account: _ADA),
        refusal=lambda *asked: None,
    )
    return ProbeCandidate(target, _ADA)


def test_nobody_submits_earlier_than_the_contract_says() -> None:
    candidate = _candidate(_Platform(refuses_seconds=0.2), earliest_submit_seconds=0.3)
    assert candidate.open().accepted
    began = time.monotonic()
    assert candidate.submit().accepted
    assert 0.2 < time.monotonic() - began < 2
    began = time.monotonic()
    assert candidate.submit().accepted, "the exam is old enough"
    assert time.monotonic() - began < 0.2


@pytest.mark.parametrize("probes", [retry, whole_exam], ids=lambda one: one.__name__)
def test_an_exam_that_a_fault_left_open_hinders_no_later_probe(probes: Any) -> None:
    platform = _Platform(one_open=True)
    candidate = _candidate(platform)
    platform.broken = {"submit"}
    assert not all(one.passed for one in probes(candidate.target, candidate))
    platform.broken = set()
    assert all(one.passed for one in probes(candidate.target, candidate))
    assert platform.open == {}


def _submitted(platform: _Platform, monkeypatch: pytest.MonkeyPatch, declared: float = 0.0) -> list[CheckResult]:
    monkeypatch.setattr(candidate_operations, "_RULE_SECONDS", 1.5)
    monkeypatch.setattr(candidate_operations, "_PAUSE_SECONDS", 0.1)
    candidate = _candidate(platform, declared)
    candidate.open()
    return list(candidate_operations._submitted(candidate.target, candidate))


def test_check_tells_the_key_for_a_submit_that_is_refused_just_after_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (told,) = _submitted(_Platform(refuses_seconds=0.4), monkeypatch)
    assert (told.state, told.misfit, told.key_to_write) == ("wrong", True, "contract.earliest_submit_seconds = 1")
    assert "refused in the first 1 s of an exam: HTTP 409: {'detail': 'the exam cannot be submitted" in told.message


def test_check_tells_a_rule_that_is_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    submitted, *_, rule = _submitted(_Platform(refuses_seconds=0.2), monkeypatch, declared=0.3)
    assert (submitted.state, rule.state, rule.message) == (
        "works",
        "works",
        "nobody submits in the first 0.3 s of an exam",
    )


def test_a_submit_that_is_always_refused_follows_no_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    (told,) = _submitted(_Platform(refuses_seconds=60), monkeypatch)
    assert (told.what, told.state) == ("contract.submit", "wrong")


@pytest.mark.parametrize(
    ("one_open", "told"),
    [
        (True, "a person has one exam open at a time, a second start is refused: HTTP 409: "),
        (False, "a person may have two exams open"),
    ],
)
def test_check_tells_whether_a_person_may_have_two_exams_open_and_leaves_none(one_open: bool, told: str) -> None:
    platform = _Platform(one_open=one_open)
    target = _candidate(platform).target
    *_, seen = candidate_operations._second_exam(target, _ADA.account)
    assert (seen.state, seen.message.startswith(told)) == ("works", True)
    assert platform.open == {}
