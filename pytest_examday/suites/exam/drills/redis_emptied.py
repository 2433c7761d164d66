"""Redis emptied in mid-exam, as a restart without its file does: what only Redis knew is gone, exams go on."""

import redis

from pytest_examday.drills.drill import Drill
from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.fault import Fault, done_at_once
from pytest_examday.suites.exam.probes import enter_and_sit
from pytest_examday.target.site import Site


def _empty(site: Site) -> None:
    """The database of Redis that the environment names, and no other."""
    try:
        with site.cache() as connection:
            connection.flushdb()
    except redis.RedisError as problem:
        raise Unmeasurable(f"Redis was not emptied: {site.redactor.clean(str(problem))}") from None


def _fault(site: Site) -> Fault:
    try:
        with site.cache() as connection:
            connection.ping()
    except redis.RedisError as problem:
        raise Unmeasurable(f"Redis cannot be reached: {site.redactor.clean(str(problem))}") from None
    return done_at_once("Redis emptied", site.runtime.service("cache"), lambda: _empty(site))


def describe(site: Site) -> Drill:
    """Emptied once; candidates go on for the time of a hold."""
    return Drill(
        activity="drill_redis_emptied",
        scenario="Redis emptied in mid-exam",
        fault=_fault,
        during=enter_and_sit,
        continues=True,
    )
