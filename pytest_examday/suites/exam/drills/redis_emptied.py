"""Redis is emptied during the exam, as a restart without its data file does. Data that only Redis had is gone, and
exams have to go on."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pytest_examday.drills.drill import Drill
from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.fault import Fault, done_at_once
from pytest_examday.faults.sense import Observation
from pytest_examday.suites.exam.probes.drill_probes import log_in_and_sit_exam

if TYPE_CHECKING:
    from redis import Redis

    from pytest_examday.target.target import Target


_MARK_SECONDS = 3600


def _with_redis(target: "Target", act: "Callable[[Redis], object]", failed: str) -> None:
    """Run `act` on Redis; raises Unmeasurable, with a message that begins with `failed`, if Redis fails."""
    import redis

    try:
        with target.connections.cache() as connection:
            act(connection)
    except redis.RedisError as problem:
        raise Unmeasurable(f"{failed}: {target.files.redactor.clean(str(problem))}") from None


def _empty(target: "Target") -> None:
    """Empty the database of Redis that the environment names, and no other."""
    _with_redis(target, lambda connection: connection.flushdb(), "Redis was not emptied")


@dataclass
class KeysGone:
    """Feels that the database of `redis_url` was emptied: a mark that was set before the fault is gone, and the
    database had other keys."""

    target: "Target"
    name: str = "redis_url"
    silence_seconds: float | None = None
    _mark: str = field(default_factory=lambda: f"examday:mark:{uuid.uuid4().hex}", init=False)
    _others: int = field(default=0, init=False)

    def prepare(self) -> None:
        """Count the keys, and set the mark."""

        def look(connection: "Redis") -> None:
            self._others = int(connection.dbsize())
            connection.set(self._mark, "set", ex=_MARK_SECONDS)

        _with_redis(self.target, look, "Redis cannot be reached")

    def observe(self) -> Observation:
        """Look for the mark."""
        there: list[int] = []
        _with_redis(self.target, lambda connection: there.append(int(connection.exists(self._mark))), "Redis is away")
        if there[0]:
            return Observation(False, "a key that was set before is still there")
        if not self._others:
            return Observation(False, "it held no key before, so the platform keeps nothing there that it could lose")
        return Observation(True, f"{self._others} keys from before are gone")


def _emptied(target: "Target") -> Fault:
    """Raises Unmeasurable if Redis cannot be reached, or if the address is that of one node of a cluster: to empty that
    node alone is another fault."""
    replies: list[object] = []
    _with_redis(target, lambda connection: replies.append(connection.info("cluster")), "Redis cannot be reached")
    if isinstance(replies[0], dict) and replies[0].get("cluster_enabled"):
        raise Unmeasurable("redis_url leads to one node of a Redis cluster, and only that node would be emptied")
    fault = done_at_once("Redis emptied", target.runtime.service("cache"), lambda: _empty(target))
    return replace(fault, senses=(KeysGone(target),))


DRILL = Drill(
    name="redis_emptied",
    needs_redis=True,
    title="Redis emptied",
    phase=3,
    scenario="Redis emptied in mid-exam",
    fault=_emptied,
    during=log_in_and_sit_exam,
    continues=True,
)
