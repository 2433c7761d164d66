"""Looks for effects of refused operations in Redis: keys that vanish."""

import time
from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.probe import Probe

if TYPE_CHECKING:
    from redis import Redis

    from pytest_examday.target.target import Target

_REDIS_KEYS = "Redis keys after"
CONTROL_SECONDS = 2.0
"""Time without a call in which no key may vanish."""
_LASTING_SECONDS = 60
"""Keys that end sooner by themselves are left out."""
_MOST = 200
"""Keys of each pattern that are looked at."""


def with_redis_keys(target: "Target", act: Callable[[], tuple[Probe, ...]]) -> tuple[Probe, ...]:
    """The probes of `act`, and whether the keys of the contract's `redis_keys` are still in Redis after it.

    Keys that vanish in a time without a call prove nothing, and neither does a Redis without such keys. Nothing is
    looked at if the contract names no keys.
    """
    patterns = target.environment.platform.contract.redis_keys
    if not patterns:
        return act()
    if target.connections.redis_url is None:
        message = f"effects in Redis were not looked for: env.{target.environment.name}.redis_url is not set"
        return (*act(), Probe.not_promised(_REDIS_KEYS, message))
    import redis

    try:
        with target.connections.cache() as connection:
            lasting = [key for pattern in patterns for key in _lasting(connection, pattern)]
            time.sleep(CONTROL_SECONDS)
            gone_without_call = _gone(connection, lasting)
    except (Unmeasurable, redis.RedisError) as problem:
        return (*act(), Probe.untried(_REDIS_KEYS, f"Redis could not be read: {problem}"))
    made = act()
    try:
        with target.connections.cache() as connection:
            gone = _gone(connection, lasting)
    except (Unmeasurable, redis.RedisError) as problem:
        return (*made, Probe.untried(_REDIS_KEYS, f"Redis could not be read: {problem}"))
    return (*made, _judged(patterns, lasting, gone_without_call, gone))


def _judged(
    patterns: Sequence[str], lasting: Sequence[bytes], gone_without_call: Sequence[bytes], gone: Sequence[bytes]
) -> Probe:
    named = ", ".join(patterns)
    if not lasting:
        return Probe.untried(_REDIS_KEYS, f"Redis has no key like {named} that lasts {_LASTING_SECONDS} s")
    if gone_without_call:
        message = f"{len(gone_without_call)} of {len(lasting)} keys like {named} vanished while nothing was called"
        return Probe.untried(_REDIS_KEYS, message)
    if gone:
        first = gone[0].decode("utf-8", "replace").partition(":")[0]
        message = f"{len(gone)} of {len(lasting)} keys like {named} vanished while operations were refused"
        return Probe(name=_REDIS_KEYS, passed=False, detail=f"{message}; the first begins with {first!r}")
    kept = f"all {len(lasting)} keys like {named} that must survive are in Redis"
    return Probe(name=_REDIS_KEYS, passed=True, detail=kept)


def _lasting(connection: "Redis", pattern: str) -> list[bytes]:
    found: list[bytes] = list(islice(connection.scan_iter(match=pattern, count=1000), _MOST))
    return [key for key in found if _lasts(connection.ttl(key))]


def _lasts(seconds: object) -> bool:
    return isinstance(seconds, int) and (seconds == -1 or seconds > _LASTING_SECONDS)


def _gone(connection: "Redis", keys: Sequence[bytes]) -> list[bytes]:
    return [key for key in keys if not connection.exists(key)]
