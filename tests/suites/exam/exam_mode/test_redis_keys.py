"""Refused operations leave the keys of Redis alone."""

import fnmatch
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.probe import Probe
from pytest_examday.suites.exam.exam_mode import redis_keys
from pytest_examday.suites.exam.exam_mode.redis_keys import with_redis_keys
from tests import builders

_REFUSED = builders.probe("protected operations after", detail="refused")


@dataclass
class FakeRedis:
    """Keys with the seconds until their end; -1: none."""

    keys: dict[bytes, int] = field(default_factory=dict)

    def scan_iter(self, match: str, count: int) -> Iterator[bytes]:
        """The keys of a pattern."""
        return (key for key in list(self.keys) if fnmatch.fnmatch(key.decode(), match))

    def ttl(self, key: bytes) -> int:
        """The seconds until the end of a key."""
        return self.keys.get(key, -2)

    def exists(self, key: bytes) -> int:
        """How many of these keys there are."""
        return int(key in self.keys)


@pytest.fixture
def redis() -> FakeRedis:
    """Two cached questions and one that is about to end."""
    return FakeRedis({b"question:1": 500, b"question:2": -1, b"question:3": 4, b"other:1": -1})


def _target(redis: FakeRedis, url: str | None = "redis://", **contract: object) -> Any:
    @contextmanager
    def cache() -> Iterator[FakeRedis]:
        yield redis

    described = CONTRACT.model_copy(update=contract)
    environment = SimpleNamespace(name="staging", platform=SimpleNamespace(contract=described))
    return SimpleNamespace(environment=environment, connections=SimpleNamespace(redis_url=url, cache=cache))


def _tried(target: Any, *removed: bytes) -> list[Probe]:
    """What is seen where the refused call removes these keys."""

    def act() -> tuple[Probe, ...]:
        with target.connections.cache() as redis:
            for key in removed:
                del redis.keys[key]
        return (_REFUSED,)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redis_keys, "CONTROL_SECONDS", 0.0)
        first, *rest = with_redis_keys(target, act)
    assert first == _REFUSED
    return rest


@pytest.mark.parametrize(
    ("removed", "passed", "told"),
    [
        ((), True, "all 2 keys like question:*, revoked:* that must survive are in Redis"),
        ((b"question:3",), True, "all 2 keys like question:*, revoked:* that must survive are in Redis"),
        ((b"other:1",), True, "all 2 keys like question:*, revoked:* that must survive are in Redis"),
        (
            (b"question:1",),
            False,
            "1 of 2 keys like question:*, revoked:* vanished while operations were refused; the first begins with "
            "'question'",
        ),
    ],
    ids=["nothing", "one that ends by itself", "one that is not named", "one that stays otherwise"],
)
def test_keys_that_a_refused_operation_removes_are_found(
    redis: FakeRedis, removed: tuple[bytes, ...], passed: bool, told: str
) -> None:
    (made,) = _tried(_target(redis), *removed)
    assert (made.passed, made.detail) == (passed, told)


def test_keys_that_vanish_without_a_call_accuse_nobody(redis: FakeRedis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: redis.keys.pop(b"question:1"))
    (made,) = _tried(_target(redis))
    assert (made.passed, "vanished while nothing was called" in made.detail) == (None, True)


def test_a_redis_that_cannot_be_reached_is_said(redis: FakeRedis) -> None:
    (made,) = _tried(_target(redis, url=None))
    assert (made.promised, "env.staging.redis_url is not set" in made.detail) == (False, True)
    (made,) = _tried(_target(FakeRedis()))
    assert (made.passed, made.detail.startswith("Redis has no key like")) == (None, True)
    assert _tried(_target(redis, redis_keys=())) == []


def test_a_redis_that_fails_is_no_pass(redis: FakeRedis, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(match: str, count: int) -> Iterator[bytes]:
        raise Unmeasurable("Redis is away")

    monkeypatch.setattr(redis, "scan_iter", fail)
    (made,) = _tried(_target(redis))
    assert (made.passed, made.detail) == (None, "Redis could not be read: Redis is away")
