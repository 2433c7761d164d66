"""Redis is emptied during the exam, as a restart without its data file does. What only Redis knew is gone, and exams
have to go on."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pytest_examday.drills.drill import Drill
from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.fault import Fault, done_at_once
from pytest_examday.suites.exam.probes import enter_and_sit

if TYPE_CHECKING:
    from redis import Redis

    from pytest_examday.target.target import Target


def _with_redis(target: "Target", act: "Callable[[Redis], object]", failed: str) -> None:
    """Run `act` on Redis; raises Unmeasurable, with a message that begins with `failed`, if Redis fails."""
    import redis

    try:
        with target.connections.cache() as connection:
            act(connection)
    except redis.RedisError as problem:
        raise Unmeasurable(f"{failed}: {target.run.redactor.clean(str(problem))}") from None


def _empty(target: "Target") -> None:
    """Empty the database of Redis that the environment names, and no other."""
    _with_redis(target, lambda connection: connection.flushdb(), "Redis was not emptied")


def _emptied(target: "Target") -> Fault:
    _with_redis(target, lambda connection: connection.ping(), "Redis cannot be reached")
    return done_at_once("Redis emptied", target.runtime.service("cache"), lambda: _empty(target))


DRILL = Drill(
    name="redis_emptied",
    activity="drill_redis_emptied",
    title="Redis emptied",
    phase=3,
    scenario="Redis emptied in mid-exam",
    fault=_emptied,
    during=enter_and_sit,
    continues=True,
)
