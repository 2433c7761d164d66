"""Redis emptied in mid-exam, as a restart without its file does: what only Redis knew is gone, exams go on."""

import redis

from pytest_examday.drills.drill import Drill
from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.fault import Fault, done_at_once
from pytest_examday.suites.exam.probes import enter_and_sit
from pytest_examday.target.target import Target


def _empty(target: Target) -> None:
    """The database of Redis that the environment names, and no other."""
    try:
        with target.connections.cache() as connection:
            connection.flushdb()
    except redis.RedisError as problem:
        raise Unmeasurable(f"Redis was not emptied: {target.run.redactor.clean(str(problem))}") from None


def _fault(target: Target) -> Fault:
    try:
        with target.connections.cache() as connection:
            connection.ping()
    except redis.RedisError as problem:
        raise Unmeasurable(f"Redis cannot be reached: {target.run.redactor.clean(str(problem))}") from None
    return done_at_once("Redis emptied", target.runtime.service("cache"), lambda: _empty(target))


def describe(target: Target) -> Drill:
    """Emptied once; candidates go on for the time of a hold."""
    return Drill(
        activity="drill_redis_emptied",
        scenario="Redis emptied in mid-exam",
        fault=_fault,
        during=enter_and_sit,
        continues=True,
    )
