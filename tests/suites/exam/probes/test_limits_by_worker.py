"""Rate limits are reached on each worker by itself, so that one worker without limits is found behind the others."""

import re
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pydantic import SecretStr

from pytest_examday.config.accounts import Account
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.contract.operation import Operation
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.probe import Probe
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.probes import limits_by_worker
from pytest_examday.suites.exam.probes.limits_by_worker import limits_after, note_limits
from pytest_examday.suites.exam.probes.rate_limit_probes import RATE_LIMITS_ARE_BYPASSED
from pytest_examday.suites.exam.workers.worker_address import api_of_worker
from pytest_examday.target.api import Api, LoginResult
from pytest_examday.target.target import Target
from tests.suites.exam.exam_mode.fakes import Answer, FakePlatform

assert CONTRACT.rate_limit is not None
LIMIT = CONTRACT.rate_limit
_OF_WORKER = 10


class LimitedPlatform(FakePlatform):
    """Workers of which each refuses a call by HTTP 429 after ten; if they are `shared`, after ten of all. `open` are
    those without limits, `broken` those that answer it with HTTP 500."""

    open: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    writes = False
    shared = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.calls = Counter[str]()

    def _body(self, operation: Operation, worker: str) -> Answer:
        if operation != LIMIT.operation:
            return super()._body(operation, worker)
        self.calls[worker] += 1
        if worker in self.broken:
            return 500, {}
        count = self.calls.total() if self.shared else self.calls[worker]
        return (429 if count > _OF_WORKER and worker not in self.open else 401), {}


def _candidate(platform: FakePlatform) -> tuple[Target, ProbeCandidate]:
    target = cast("Any", platform.target)
    target.environment.not_promised = {}
    account = Account(email="ada@exam.example", password=SecretStr("hers"))
    return target, ProbeCandidate(target, LoginResult(account, "token", None))


def _restarted(platform: LimitedPlatform, change: Callable[[LimitedPlatform], None]) -> dict[str, Probe]:
    """What is told after the platform has changed by a restart."""
    target, candidate = _candidate(platform)
    note_limits(target, candidate)
    platform.calls.clear()
    change(platform)
    return {probe.name: probe for probe in limits_after(target, candidate)}


def _same(platform: LimitedPlatform) -> None:
    """Nothing is different."""


def _opened(platform: LimitedPlatform) -> None:
    platform.open = ("worker-2",)


def test_workers_that_limit_as_before_pass_and_are_named() -> None:
    made = _restarted(LimitedPlatform(), _same)["rate limit after"]
    assert made.passed is True
    assert made.detail == "worker-1 limited 4 of 14 calls, worker-2 limited 4 of 14 calls"


def test_one_worker_without_limits_fails_behind_others_that_limit() -> None:
    made = _restarted(LimitedPlatform(workers=tuple(f"worker-{number}" for number in range(1, 9))), _opened)
    assert made["rate limit after"].passed is False
    assert "worker-2 limited 0 of 28 calls" in made["rate limit after"].detail
    assert "worker-1 limited 4 of 14 calls" in made["rate limit after"].detail


@pytest.mark.parametrize("spreads", [True, False])
def test_where_a_header_names_the_worker_it_is_found_however_requests_are_spread(spreads: bool) -> None:
    platform = LimitedPlatform(workers=("worker-1", "worker-2", "worker-3"), header=True, spreads=spreads)
    made = _restarted(platform, _opened)["rate limit after"]
    assert made.passed is False
    assert re.search(r"worker-1 limited [1-9]\d* of \d+ calls, worker-2 limited 0 of \d+ calls", made.detail)
    assert _restarted(LimitedPlatform(header=True, spreads=spreads), _same)["rate limit after"].passed is True


def test_a_worker_without_limits_before_the_restart_is_not_the_restarts_doing() -> None:
    platform = LimitedPlatform()
    platform.open = ("worker-2",)
    assert _restarted(platform, _same)["rate limit after"].detail == "worker-1 limited 4 of 14 calls"


def test_a_worker_that_is_not_met_again_is_untried() -> None:
    def hide(platform: LimitedPlatform) -> None:
        platform.hidden = ("worker-2",)

    made = _restarted(LimitedPlatform(), hide)["rate limit after"]
    assert (made.passed, made.detail) == (None, "worker-2 did not reply, or could not be distinguished from others")


def _nameless(**shape: Any) -> LimitedPlatform:
    return LimitedPlatform(names=False, **shape)


def _spreading(**shape: Any) -> LimitedPlatform:
    return LimitedPlatform(spreads=True, **shape)


@pytest.mark.parametrize("make", [_nameless, _spreading])
def test_where_workers_cannot_be_told_apart_one_without_limits_shows_in_many_calls(
    make: Callable[..., LimitedPlatform],
) -> None:
    platform, kept = make(), make()
    platform.shared = kept.shared = True
    made = _restarted(platform, _opened)["rate limit after"]
    assert made.passed is False
    assert re.fullmatch(r"once the limit was reached, \d+ of 11 calls by any worker were limited", made.detail)
    same = _restarted(kept, _same)["rate limit after"]
    assert (same.passed, same.detail) == (True, "once the limit was reached, 11 of 11 calls by any worker were limited")


@pytest.mark.parametrize("make", [_nameless, _spreading])
def test_workers_that_cannot_be_told_apart_and_count_by_themselves_are_not_judged(
    make: Callable[..., LimitedPlatform],
) -> None:
    platform = make(workers=tuple(f"worker-{number}" for number in range(1, 6)))
    assert _restarted(platform, _opened) == {}


def test_workers_behind_a_proxy_are_called_at_their_own_addresses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    platform = LimitedPlatform(spreads=True)
    platform.writes = True

    def own(target: Target, worker: str, *allowed: Operation) -> Any:
        assert allowed == (LIMIT.operation,)
        return SimpleNamespace(call=lambda operation, values, timeout: platform._answer(operation, worker, None))

    monkeypatch.setattr(limits_by_worker, "api_of_worker", own)
    made = _restarted(platform, _opened)["rate limit after"]
    assert made.passed is False
    assert re.fullmatch(r"worker-1 limited \d+ of 14 calls, worker-2 limited 0 of 28 calls", made.detail)


def test_at_a_workers_own_address_only_the_limited_call_may_write() -> None:
    platform = cast("Any", LimitedPlatform().target)
    platform.runtime.address = lambda worker: "http://127.0.0.1:9"
    platform.api = Api("http://127.0.0.1:8", CONTRACT)
    api = api_of_worker(platform, "worker-1", LIMIT.operation)
    assert api is not None
    assert api.call(LIMIT.operation, {"nonce": "n"}).status is None, "sent, and nobody listens"
    with pytest.raises(Unmeasurable, match="only read at a worker's own address"):
        api.call("create", {"question_count": 5}, "token")
    assert platform.api.call("create", {"question_count": 5}, "token").status is None, "as before elsewhere"


def test_answers_that_are_neither_refusal_nor_limit_accuse_nobody() -> None:
    def broken(platform: LimitedPlatform) -> None:
        platform.broken = platform.workers

    assert _restarted(LimitedPlatform(), broken)["rate limit after"].passed is None


def test_a_platform_that_promises_no_limits_is_not_tried() -> None:
    target, candidate = _candidate(LimitedPlatform())
    cast("SimpleNamespace", target.environment).not_promised = {RATE_LIMITS_ARE_BYPASSED: "it has none"}
    note_limits(target, candidate)
    assert limits_after(target, candidate) == ()
