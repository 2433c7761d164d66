"""While Redis is away what has to be refused is refused; what was open before accuses no outage."""

from types import SimpleNamespace
from typing import Any

import pytest

from pytest_examday.contract.contract import Contract
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.probes.closed_exam_probes import (
    closed_exam_stays_closed,
    note_closed_exam,
)
from pytest_examday.target.api import LoginResult, Reply

from .test_untried_probes import ADA, PREPARED

_ASKED = [{"question_id": f"q{number}", "choices": [{"key": "A"}, {"key": "B"}]} for number in range(3)]
_BODIES: dict[str, Any] = {"create": {"session_id": "s-1", "questions": _ASKED}, "review": {"score": 1}}
_LATE, _REVIEW = "answer after the submit during", "review of another candidate during"


class Platform:
    """Ada has submitted as soon as she has asked for it. `late` and `review` are the statuses of what others, or she
    herself, may not do."""

    def __init__(self, late: int | None = 409, review: int | None = 404) -> None:
        self.late, self.review, self._submitted = late, review, False

    def call(self, operation: str, values: dict[str, Any], token: str | None = None, **named: object) -> Reply:
        """The reply to this operation."""
        described = getattr(CONTRACT, operation)
        status: int | None = described.success[0]
        if operation == "answer" and self._submitted:
            status = self.late
        if operation == "review" and token == "bob":
            status = self.review
        self._submitted = self._submitted or operation == "submit"
        return Reply(described, status, _BODIES.get(operation, {"status": "SUBMITTED"}), "ed-1", 1.0)


def _tried(
    before: Platform, late: int | None = 409, review: int | None = 404, contract: Contract = CONTRACT
) -> dict[str, bool | None]:
    """The probes if the platform replies so while Redis is away."""
    environment = SimpleNamespace(platform=SimpleNamespace(contract=contract))
    accounts = SimpleNamespace(take=lambda number: [ADA], log_in=lambda account: LoginResult(ADA, "ada", None))
    runtime = SimpleNamespace(workers=lambda: ("worker-1", "worker-2", "worker-3"))
    target: Any = SimpleNamespace(api=before, environment=environment, accounts=accounts, runtime=runtime)
    prober = ProbeCandidate(target, LoginResult(PREPARED, "bob", None))
    note_closed_exam(target, prober)
    before.late, before.review = late, review
    return {one.name: one.passed for one in closed_exam_stays_closed(target, prober)}


@pytest.mark.parametrize("status", [404, 409, 503])
def test_what_is_refused_or_fails_without_redis_passes(status: int) -> None:
    assert _tried(Platform(), status, status) == {_LATE: True, _REVIEW: True}


def test_an_answer_or_a_review_of_others_that_is_accepted_without_redis_fails() -> None:
    assert _tried(Platform(), late=200) == {_LATE: False, _REVIEW: True}
    assert _tried(Platform(), review=200) == {_LATE: True, _REVIEW: False}


@pytest.mark.parametrize("status", [None, 401])
def test_no_reply_and_a_refused_token_are_inconclusive(status: int | None) -> None:
    assert _tried(Platform(), status, status) == {_LATE: None, _REVIEW: None}


def test_what_was_open_before_accuses_no_outage() -> None:
    assert _tried(Platform(late=200, review=200), 200, 200) == {}


def test_where_the_platform_has_no_review_none_is_tried() -> None:
    assert _tried(Platform(), contract=CONTRACT.model_copy(update={"review": None})) == {_LATE: True}


def test_without_another_account_nothing_can_be_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(target: Any, account: Any) -> ProbeCandidate:
        raise Unmeasurable("1 more candidates are needed")

    monkeypatch.setattr(ProbeCandidate, "begin", nobody)
    assert _tried(Platform()) == {_LATE: None}
