"""What a probe cannot try leaves its line open, with the cause: it accuses nobody and passes nothing."""

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from pytest_examday.config.accounts import Account
from pytest_examday.config.thresholds import Thresholds
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.contract.operation import Operation
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.probe import Probe
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate, probe
from pytest_examday.suites.exam.drills import redis_outage, tokens_expired
from pytest_examday.suites.exam.probes import rate_limit_probes
from pytest_examday.suites.exam.probes.drill_probes import (
    Continuity,
    log_in_and_refresh,
    logout_ends_the_token,
    reloads_are_fresh,
    retry,
    whole_exam,
)
from pytest_examday.suites.exam.suite import SUITE
from pytest_examday.target.api import LoginResult, Reply
from tests import builders

assert CONTRACT.rate_limit is not None
LIMIT = CONTRACT.rate_limit
ADA = Account(email="ada@exam.example", password=SecretStr("her password"))
PREPARED = Account(email="bob@exam.example", access_token=SecretStr("made"))
_ANSWERS: dict[str, Any] = {
    "create": {"session_id": "s-1", "questions": [{"question_id": "q1", "choices": [{"key": "A"}, {"key": "B"}]}]},
    "submit": {"status": "SUBMITTED", "score": 1},
    "login": {"access_token": "token", "refresh_token": "again"},
    "refresh": {"access_token": "token-2", "refresh_token": "again-2"},
    "read": {"status": "ACTIVE"},
}


class FakeApi:
    """Accepts every operation, but for those to which `answers` has another answer."""

    def __init__(self, **answers: Reply | list[Reply]) -> None:
        self.contract = CONTRACT
        self._answers = {name: iter(made if isinstance(made, list) else [made] * 99) for name, made in answers.items()}

    def call(self, operation: Operation | str, *told: object, **named: object) -> Reply:
        """The answer to this operation; `limit` stands for the rate-limited one."""
        name = operation if isinstance(operation, str) else "limit"
        described = operation if isinstance(operation, Operation) else getattr(CONTRACT, operation)
        good = Reply(described, described.success[0], _ANSWERS.get(name), "ed-1", 1.0)
        return next(self._answers[name]) if name in self._answers else good

    def request_login(self, account: Account) -> Reply:
        """The answer to a login."""
        return self.call("login")

    def reuse_values(self, token: str, other: str) -> None:
        """Nobody sends anything beside the values of an operation."""


def _reply(operation: str, status: int, body: object = None) -> Reply:
    return Reply(getattr(CONTRACT, operation), status, body, "ed-1", 1.0)


def _limit(status: int | None, times: int = 1) -> list[Reply]:
    problem = "connection refused" if status is None else None
    return [Reply(LIMIT.operation, status, None, "ed-1", 1.0, problem)] * times


def _target(api: FakeApi, excused: tuple[str, ...] = (), **contract: object) -> Any:
    described = CONTRACT.model_copy(update=contract)
    platform = SimpleNamespace(contract=described)
    environment = SimpleNamespace(
        platform=platform,
        thresholds=Thresholds(),
        not_promised=excused,
        why_exam_mode_unreadable=lambda: "nothing tells it",
    )
    files = SimpleNamespace(redactor=SimpleNamespace(learn=lambda *secrets: None))
    accounts = SimpleNamespace(log_in=lambda account: LoginResult(account, "token", "again"), take=lambda number: [ADA])
    return SimpleNamespace(api=api, environment=environment, files=files, accounts=accounts)


def _candidate(target: Any, account: Account = ADA, refresh: str | None = "again") -> ProbeCandidate:
    return ProbeCandidate(target, LoginResult(account, "token", refresh))


def _outcomes(probes: Iterable[Probe]) -> dict[str, bool | None]:
    return {one.name: one.passed for one in probes}


def _rate_limit(api: FakeApi, *, excused: tuple[str, ...] = (), **contract: Any) -> list[Probe]:
    """The probes of the rate limit of a whole drill."""
    target = _target(api, excused, **contract)
    candidate = _candidate(target)
    made = (*redis_outage._before(target, candidate), *redis_outage._during(target, candidate))  # the drill holds them
    made += redis_outage._after(target, candidate)
    return [one for one in made if "rate limit" in one.name]


_OPEN = _reply("read", 200, {"status": "ACTIVE"})


@pytest.mark.parametrize(
    ("answers", "passed", "told"),
    [
        ({"read": [_OPEN, *[_reply("read", 401)] * 12]}, True, "the token opened the exam in 0 of 12 requests"),
        ({"read": _OPEN}, False, "the token opened the exam in 12 of 12 requests"),
        ({"logout": _reply("logout", 503)}, True, "not acknowledged: HTTP 503"),
        ({"create": _reply("create", 503)}, None, "no exam could be opened: HTTP 503"),
    ],
)
def test_a_logout_ends_the_token_or_is_not_acknowledged(
    answers: dict[str, Any], passed: bool | None, told: str
) -> None:
    target = _target(FakeApi(**answers))
    (made,) = logout_ends_the_token(target, _candidate(target))
    assert (made.passed, told in made.detail) == (passed, True), made.detail


def test_a_logout_that_need_not_end_tokens_is_not_tried_without_redis() -> None:
    target = _target(FakeApi(), ("logout-ends-the-tokens",))
    assert logout_ends_the_token(target, _candidate(target)) == ()
    without = _target(FakeApi(), logout=None)
    assert logout_ends_the_token(without, _candidate(without)) == ()
    prepared = _target(FakeApi())
    assert logout_ends_the_token(prepared, _candidate(prepared, PREPARED)) == ()


BURST = LIMIT.burst
_WITH_LIMIT = [*_limit(401, BURST - 1), *_limit(429)]


def test_a_limit_that_is_bypassed_while_redis_is_away_and_back_afterwards_passes() -> None:
    made = _rate_limit(FakeApi(limit=[*_WITH_LIMIT, *_limit(401, BURST), *_WITH_LIMIT]))
    assert _outcomes(made) == {"rate limit before": True, "rate limit during": True, "rate limit after": True}


def test_a_limit_that_stays_or_does_not_come_back_fails() -> None:
    made = _rate_limit(FakeApi(limit=[*_WITH_LIMIT, *_WITH_LIMIT, *_limit(401, 2 * BURST)]))
    assert _outcomes(made) == {"rate limit before": True, "rate limit during": False, "rate limit after": False}


@pytest.mark.parametrize(
    ("api", "contract", "why"),
    [
        (FakeApi(), {"rate_limit": None}, rate_limit_probes.NO_RATE_LIMITED_CALL),
        (
            FakeApi(),
            {},
            f"0 of {2 * BURST} calls were limited before the fault; is the limit above the contract's burst?",
        ),
        (
            FakeApi(limit=_limit(404, 99)),
            {},
            f"0 of {2 * BURST} calls were limited; one got another reply: HTTP 404; every call that is not limited "
            "must be accepted -> contract.rate_limit.operation.success = [404], if this reply is the right one",
        ),
        (
            FakeApi(limit=_limit(None, 99)),
            {},
            f"0 of {2 * BURST} calls were limited; one got another reply: connection refused; every call that is not "
            "limited must be accepted, and this one got no reply",
        ),
    ],
    ids=["not in the contract", "never limited", "no such call", "no reply"],
)
def test_a_rate_limit_that_was_not_seen_before_the_fault_is_not_judged(
    api: FakeApi, contract: dict[str, Any], why: str
) -> None:
    made = _rate_limit(api, **contract)
    assert set(_outcomes(made).values()) == {None}
    others = tuple(one for one in builders.drill("drill_redis_outage").probes if "rate limit" not in one.name)
    told = builders.judged(drill_redis_outage=builders.drill("drill_redis_outage", probes=(*others, *made))).gates
    red = {name: (gate.outcome, gate.reason) for name, gate in told.items() if gate.outcome != "pass"}
    names = "rate limit before, rate limit during, rate limit after"
    assert red == {
        "failures-handled": ("inconclusive", f"drill_redis_outage: {names} could not be tried: {why}"),
    }


def test_a_rate_limit_whose_calls_are_not_accepted_names_the_key_that_says_which_calls_are() -> None:
    """A wrong log-in of a platform that answers every call with HTTP 200."""
    operation = LIMIT.operation.model_copy(update={"success": (200,), "success_when": "result"})
    replies = [Reply(operation, 200, {"error": {"code": 4011}}, "ed-1", 1.0)] * 99
    made = _rate_limit(FakeApi(limit=replies), rate_limit=LIMIT.model_copy(update={"operation": operation}))
    assert _outcomes(made)["rate limit before"] is None
    assert made[0].detail.endswith(
        "every call that is not limited must be accepted: result is not true of this reply "
        "-> contract.rate_limit.operation.success_when"
    )


def test_a_platform_without_rate_limits_says_so_and_none_is_tried() -> None:
    assert rate_limit_probes.RATE_LIMITS_ARE_BYPASSED in SUITE.promises
    assert _rate_limit(FakeApi(), excused=(rate_limit_probes.RATE_LIMITS_ARE_BYPASSED,), rate_limit=None) == []


def test_a_candidate_without_a_password_cannot_log_in_and_that_accuses_nobody() -> None:
    made = log_in_and_refresh(_target(FakeApi()), PREPARED)
    assert _outcomes(made) == {"login during": None, "refresh during": None}
    assert {one.detail for one in made} == {"the candidate has a prepared token and no password"}


def test_a_login_without_a_refresh_token_has_nothing_to_refresh() -> None:
    api = FakeApi(login=_reply("login", 200, {"access_token": "token"}))
    assert _outcomes(log_in_and_refresh(_target(api), ADA)) == {"login during": True, "refresh during": None}


def test_a_login_that_fails_is_one_failure() -> None:
    assert _outcomes(log_in_and_refresh(_target(FakeApi(login=_reply("login", 503))), ADA)) == {"login during": False}


def test_expired_tokens_that_nobody_can_replace_leave_it_open() -> None:
    made = tokens_expired._entered_again(_candidate(_target(FakeApi()), PREPARED, refresh=None))
    assert made.passed is None
    assert made.detail == "the candidate has a prepared token, and neither a refresh token nor a password"


def test_what_a_rate_limit_refuses_was_not_tried() -> None:
    assert probe("create", _reply("create", 429)).passed is None
    assert _outcomes(whole_exam(*_sitting(create=_reply("create", 429)))) == {"create during": None}
    (again,) = retry(*_sitting(answer=_reply("answer", 429)))
    assert (again.passed, again.detail[:16]) == (None, "answer: HTTP 429")


def _sitting(**answers: Reply) -> tuple[Any, ProbeCandidate]:
    target = _target(FakeApi(**answers))
    return target, _candidate(target)


def test_an_exam_without_questions_is_a_mistake_of_the_contract() -> None:
    (made,) = retry(*_sitting(create=_reply("create", 201, {"id": 7})))
    assert (made.passed, made.detail) == (None, "HTTP 201: the contract finds no question in the reply to create")


def test_an_exam_that_cannot_be_opened_fails_with_the_platforms_words() -> None:
    refused = Reply(CONTRACT.create, 500, None, "ed-1", 1.0, text="pool timeout")
    (made,) = retry(*_sitting(create=refused))
    assert (made.passed, made.detail) == (False, "HTTP 500: pool timeout")


_SHOWN = {"answers": [{"question_id": "q1", "choice": "A"}]}


@pytest.mark.parametrize(
    ("before", "after", "resumed"),
    [(_SHOWN, _SHOWN, True), (_SHOWN, {"error": "down"}, False), ({"given": []}, {"given": []}, None)],
    ids=["shown", "an error shown as an exam", "never found by the contract"],
)
def test_an_exam_is_resumed_where_a_reload_showed_its_answers_before(
    before: object, after: object, resumed: bool | None
) -> None:
    target, candidate = _sitting()
    target.api = FakeApi(read=[_reply("read", 200, before), _reply("read", 200, after)])
    outcomes = _outcomes(Continuity.begin(target, candidate).finish())
    assert outcomes["resume after"] is resumed


_CAUSE = "the platform cannot be asked"


@pytest.mark.parametrize(
    ("records", "gate"),
    [
        ({"freeze": lambda: builders.freeze(endpoints=_with_untried("create", "answer"))}, "exam-mode-verified"),
        ({"freeze": lambda: builders.freeze(endpoints=_with_untried("review"))}, "exam-mode-verified"),
        ({"experience": lambda: builders.experience(Probe.untried("resume", _CAUSE))}, "exam-rules"),
        ({"experience": lambda: builders.experience(Probe.untried("keyboard", _CAUSE))}, "exam-rules"),
        ({"drill_worker_loss": lambda: _drill_with_untried("drill_worker_loss", "retry")}, "failures-handled"),
        ({"drill_redis_outage": lambda: _drill_with_untried("drill_redis_outage", "login during")}, "failures-handled"),
        (
            {"drill_redis_outage": lambda: _drill_with_untried("drill_redis_outage", "not ready without it")},
            "failures-handled",
        ),
    ],
)
def test_an_untried_probe_makes_one_gate_inconclusive_and_its_cause_is_told(
    records: dict[str, Callable[[], Any]], gate: str
) -> None:
    gates = builders.judged(**{name: make() for name, make in records.items()}).gates
    assert {name: one.outcome for name, one in gates.items() if one.outcome != "pass"} == {gate: "inconclusive"}
    assert _CAUSE in gates[gate].reason


def _with_untried(*names: str) -> tuple[Probe, ...]:
    made = builders.freeze().endpoints
    return tuple(Probe.untried(one.name, _CAUSE) if one.name in names else one for one in made)


def _drill_with_untried(activity: str, name: str) -> Any:
    made = builders.drill(activity).probes
    return builders.drill(
        activity, probes=tuple(Probe.untried(one.name, _CAUSE) if one.name == name else one for one in made)
    )


def test_a_question_whose_choices_the_contract_does_not_find_is_told_as_that() -> None:
    _, candidate = _sitting(create=_reply("create", 201, {"session_id": "s-1", "questions": [{"question_id": "q1"}]}))
    candidate.open()
    with pytest.raises(Unmeasurable, match="the contract finds 0 choices of question q1"):
        candidate.answer()


def _page(*answers: str) -> Reply:
    told = [{"question_id": f"q{number}", "choice": choice} for number, choice in enumerate(answers, 1)]
    return _reply("read", 200, {"status": "ACTIVE", "answers": told})


@pytest.mark.parametrize(
    ("pages", "passed", "told"),
    [
        ([_page("A"), *[_page("B")] * 12], True, "12 reloads showed the acknowledged answer"),
        (
            [_page("A"), *[_page("B")] * 11, _page("A")],
            False,
            "1 of 12 reloads show {'q1': 'A'}, acknowledged was {'q1': 'B'}",
        ),
        ([_page("A"), *[_page("B")] * 11, _page()], False, "1 of 12 reloads show {}, acknowledged was {'q1': 'B'}"),
        ([_reply("read", 200, {})] * 13, None, "HTTP 200: the contract found no answers in a reload"),
        ([_reply("read", 503)] * 13, False, "HTTP 503"),
    ],
    ids=["fresh", "one stale", "one empty", "no answers told", "no page"],
)
def test_a_worker_that_shows_an_old_page_while_a_store_is_away_is_found(
    pages: list[Reply], passed: bool | None, told: str
) -> None:
    target = _target(FakeApi(read=pages))
    (made,) = reloads_are_fresh(target, _candidate(target))
    assert (made.passed, made.detail.removesuffix(": null")) == (passed, told)
