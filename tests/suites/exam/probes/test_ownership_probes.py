"""After a restart an exam belongs to its candidate: what was not so before accuses no restart, and what cannot be
tried accuses nobody."""

from types import SimpleNamespace
from typing import Any

import pytest

from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.probes.ownership_probes import note_owner, owner_after
from pytest_examday.target.api import LoginResult, Reply

from .test_untried_probes import ADA, PREPARED

_ASKED = [{"question_id": f"q{number}", "choices": [{"key": "A"}, {"key": "B"}]} for number in range(3)]
_EXAM = {"session_id": "s-1", "questions": _ASKED, "answers": [{"question_id": "q0", "choice": "A"}]}
_TOKENS = {"access_token": "ada-2", "refresh_token": "again-2", "user_id": "ada"}


class Platform:
    """Knows Ada's exam. `opened_by` are the tokens that open it; `replies` are other answers by operation."""

    def __init__(self, *opened_by: str) -> None:
        self.opened_by = {"ada", "ada-2", *opened_by}
        self.replies: dict[str, tuple[int, Any]] = {}

    def call(self, operation: str, values: dict[str, Any], token: str | None = None, **named: object) -> Reply:
        """The answer to this operation."""
        described = getattr(CONTRACT, operation)
        bodies = {"create": _EXAM, "read": _EXAM, "submit": {"status": "SUBMITTED"}, "refresh": _TOKENS}
        if operation in self.replies:
            status, body = self.replies[operation]
        elif operation in ("create", "refresh") or token in self.opened_by:
            status, body = described.success[0], bodies.get(operation, {})
        else:
            status, body = 404, {"detail": "no such exam"}
        return Reply(described, status, body, "ed-1", 1.0, text=str(body))

    def reuse_values(self, token: str, other: str) -> None:
        """Nobody sends anything beside the values of an operation."""


def _tried(platform: Platform, restarted: dict[str, Any] | None = None, *opened_by: str) -> dict[str, Any]:
    """The probes after a restart that changes the platform so, by name."""
    environment = SimpleNamespace(platform=SimpleNamespace(contract=CONTRACT))
    accounts = SimpleNamespace(take=lambda number: [ADA], log_in=lambda account: LoginResult(ADA, "ada", "a", "ada"))
    runtime = SimpleNamespace(workers=lambda: ("worker-1",))
    target: Any = SimpleNamespace(api=platform, environment=environment, accounts=accounts, runtime=runtime)
    prober = ProbeCandidate(target, LoginResult(PREPARED, "bob", None))
    note_owner(target, prober)
    platform.replies |= restarted or {}
    platform.opened_by |= set(opened_by)
    return {one.name: (one.passed, one.detail) for one in owner_after(target, prober)}


def test_a_restart_after_which_all_is_as_before_passes() -> None:
    assert {name: passed for name, (passed, _) in _tried(Platform()).items()} == {
        "exam of another candidate after": True,
        "refresh after": True,
    }


def test_an_exam_that_others_open_after_the_restart_fails() -> None:
    assert _tried(Platform(), None, "bob")["exam of another candidate after"] == (
        False,
        "reading the exam of another candidate was accepted in 11 of 11 tries: HTTP 200",
    )


def test_an_exam_that_others_opened_before_the_restart_accuses_no_restart() -> None:
    assert _tried(Platform("bob")) == {}


def test_other_questions_after_the_restart_fail() -> None:
    made = _tried(Platform(), {"read": (200, {**_EXAM, "questions": _ASKED[::-1]})})
    assert made["exam of another candidate after"] == (
        False,
        "a reload after the restart shows question 1 is q2, at the start q0",
    )


def test_a_refresh_that_gives_tokens_of_somebody_else_fails() -> None:
    made = _tried(Platform(), {"refresh": (200, {**_TOKENS, "user_id": "eve"})})
    assert made["refresh after"] == (False, "a refresh of ada gave the tokens of eve")


def test_a_refreshed_token_that_does_not_open_the_owners_exam_fails() -> None:
    made = _tried(Platform(), {"refresh": (200, {"access_token": "eve"})})
    assert made["refresh after"][0] is False
    assert made["refresh after"][1].startswith("the refreshed token does not open its owner's exam: HTTP 404")


def test_refresh_tokens_that_the_restart_has_ended_accuse_nobody() -> None:
    assert list(_tried(Platform(), {"refresh": (401, {"detail": "unknown"})})) == ["exam of another candidate after"]


@pytest.mark.parametrize("status", [401, 500])
def test_an_exam_that_its_owner_cannot_read_leaves_it_open(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_examday.suites.exam.rules.trials.send_calls.PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(ProbeCandidate, "renew", lambda candidate: None)
    passed, detail = _tried(Platform(), {"read": (status, {"detail": "no"})})["exam of another candidate after"]
    assert (passed, detail.startswith(f"the owner cannot read the exam after the restart: HTTP {status}")) == (
        None,
        True,
    )


def test_without_another_account_it_is_left_open_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(target: Any, account: Any) -> ProbeCandidate:
        raise Unmeasurable("1 more candidates are needed")

    monkeypatch.setattr(ProbeCandidate, "begin", nobody)
    assert _tried(Platform())["exam of another candidate after"] == (None, "1 more candidates are needed")
