"""What readiness says while a store is away: all answers have to tell of it, and only if that is promised."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.suites.exam.candidates.probe_candidate import reply_in_words
from pytest_examday.suites.exam.probes import drill_probes
from pytest_examday.target.api import Reply


def _reply(status: str, redis: str = "ok", code: int = 200) -> Reply:
    body = {"status": status, "database": "ok", "redis": redis}
    return Reply(CONTRACT.ready_or_health, code, body, "ed-1", 1.0, text=f'{{"status": "{status}"}}')


def _target(says: Callable[[], Reply], **contract: Any) -> Any:
    described = CONTRACT.model_copy(update=contract)
    platform = SimpleNamespace(contract=described)
    api = SimpleNamespace(call=lambda operation, timeout: says())
    return SimpleNamespace(api=api, environment=SimpleNamespace(platform=platform))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second is long."""
    monkeypatch.setattr(drill_probes, "_NOTICE_SECONDS", 0.3)


def test_ready_that_goes_on_saying_ready_without_a_database_is_told_with_its_words() -> None:
    (probe,) = drill_probes.ready_without_database(_target(lambda: _reply("ready")), SimpleNamespace())  # type: ignore[arg-type] # not used
    assert not probe.passed
    assert "the database was away for" in probe.detail
    assert '{"status": "ready"}' in probe.detail


def test_ready_may_take_a_moment_to_notice() -> None:
    replies = iter([_reply("ready")] * 6)
    (probe,) = drill_probes.ready_without_database(
        _target(lambda: next(replies, _reply("down", code=503))),
        SimpleNamespace(),  # type: ignore[arg-type] # not used
    )
    assert probe.passed


def test_one_worker_that_lies_is_enough() -> None:
    replies = iter([_reply("ready"), *[_reply("down", code=503)] * 3] * 99)
    (probe,) = drill_probes.ready_without_database(_target(lambda: next(replies)), SimpleNamespace())  # type: ignore[arg-type] # not used
    assert not probe.passed


def test_a_platform_without_readiness_promises_nothing() -> None:
    (probe,) = drill_probes.ready_without_database(
        _target(lambda: _reply("ready"), ready=CONTRACT.health),
        SimpleNamespace(),  # type: ignore[arg-type] # not used
    )
    assert (probe.passed, probe.detail) == (
        None,
        "not promised: the contract has one operation for health and readiness",
    )


@pytest.mark.parametrize(
    ("before", "during", "passed"),
    [
        (_reply("ready"), _reply("ready"), False),
        (_reply("ready"), _reply("ready", redis="down"), True),
        (_reply("ready", redis=None), _reply("ready"), None),  # type: ignore[arg-type] # a platform that does not tell
    ],
    ids=["goes on saying ok", "tells of it", "never told"],
)
def test_ready_tells_of_redis_where_it_did_before(before: Reply, during: Reply, passed: bool | None) -> None:
    candidate: Any = SimpleNamespace(noted={})
    drill_probes.note_redis(_target(lambda: before), candidate)
    (probe,) = drill_probes.ready_without_redis(_target(lambda: during), candidate)
    assert probe.passed is passed


def test_a_refusal_is_told_with_the_platforms_own_words_on_one_line() -> None:
    refused = Reply(CONTRACT.submit, 409, None, "ed-1", 1.0, text='{"detail":\n "time is over"}' + "x" * 999)
    assert reply_in_words(refused).startswith('HTTP 409: {"detail": "time is over"}xxx')
    assert len(reply_in_words(refused)) < 140
