"""How long until everything answers again, per operation, per store behind them and per worker."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, get_args

import redis

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.phases import Recovery
from pytest_examday.suites.exam.sitting import Sitting
from pytest_examday.target.api import Reply
from pytest_examday.target.target import Target

_GOOD_IN_A_ROW = 3
_PAUSE_SECONDS = 0.1
OPERATIONS = ("health", "ready", "create", "answer", "submit")
"""What the recovery drill of seed 000 lists under "Services Restored"."""

Store = Literal["database", "cache"]
STORES: tuple[Store, ...] = get_args(Store)
"""The services behind the operations: they are asked themselves too, where this machine reaches them."""


@dataclass
class _Streak:
    """Good answers in a row of one operation."""

    good: int = 0
    first_good: float | None = None
    last: str = "never asked"

    def note(self, accepted: bool, answer: str, at: float) -> None:
        self.last = answer
        if accepted:
            self.first_good = at if self.good == 0 else self.first_good
            self.good += 1
        else:
            self.good, self.first_good = 0, None

    @property
    def recovered(self) -> bool:
        return self.good >= _GOOD_IN_A_ROW


@dataclass
class _Watch:
    """All operations, the stores behind them, and the workers seen to answer."""

    target: Target
    sitting: Sitting
    streaks: dict[str, _Streak] = field(default_factory=lambda: {name: _Streak() for name in OPERATIONS})
    stores: dict[Store, _Streak] = field(default_factory=dict)
    workers: dict[str, float | None] = field(default_factory=dict)

    def round(self) -> None:
        """Ask everything once, on fresh connections."""
        self._ask("health", lambda: self.target.api.call("health", timeout=2))
        ready = self._ask("ready", lambda: self.target.api.call("ready", timeout=3))
        worker = self.target.environment.platform.contract.exam_mode.find("worker", ready.body)
        if ready.accepted and self.workers.get(worker, 0.0) is None:
            self.workers[worker] = time.time()
        created = self._ask("create", self.sitting.open)
        for name, step in (("answer", self.sitting.answer), ("submit", self.sitting.submit)):
            if created.accepted and self.sitting.questions:
                self._ask(name, step)
            else:
                self.streaks[name].note(False, "not reached", time.time())
        for name in self.stores:
            self.stores[name].note(*reached(self.target, name), time.time())

    def _ask(self, name: str, step: Callable[[], Reply]) -> Reply:
        reply = step()
        self.streaks[name].note(reply.accepted, str(reply), time.time())
        return reply

    @property
    def complete(self) -> bool:
        streaks = (*self.streaks.values(), *self.stores.values())
        return all(streak.recovered for streak in streaks) and None not in self.workers.values()


def expected_workers(target: Target) -> tuple[str, ...]:
    """The workers whose return can be seen in the platform's answers; none where it does not name them."""
    if "worker" not in target.environment.platform.contract.exam_mode.finds:
        return ()
    try:
        return target.runtime.workers()
    except Unmeasurable:
        return ()  # no runtime: operations alone are watched


def reached(target: Target, store: Store) -> tuple[bool, str]:
    """Whether it answers us, on a connection of its own, and what it said."""
    try:
        if store == "database":
            with target.connections.database() as connection:
                connection.execute("SELECT 1")
        else:
            with target.connections.cache() as client:
                client.ping()
    except (Unmeasurable, redis.RedisError) as problem:
        return False, target.run.redactor.clean(str(problem))
    return True, "answered"


def reachable_stores(target: Target) -> tuple[Store, ...]:
    """Those whose return can be seen from here, because they answer now: before the fault."""
    return tuple(store for store in STORES if reached(target, store)[0])


def measure_recovery(
    target: Target, sitting: Sitting, since: float, limit_seconds: float, stores: tuple[Store, ...] = ()
) -> tuple[Recovery, ...]:
    """Ask until everything answered several times in a row and every worker was seen, or the limit has passed."""
    watch = _Watch(
        target,
        sitting,
        stores={store: _Streak() for store in stores},
        workers=dict.fromkeys(expected_workers(target)),
    )
    while not watch.complete and time.time() < since + limit_seconds:
        watch.round()
        time.sleep(_PAUSE_SECONDS)
    asked = [
        _recovery(name, streak.first_good if streak.recovered else None, since, streak.last)
        for name, streak in (*watch.streaks.items(), *watch.stores.items())
    ]
    workers = [
        _recovery(name, seen, since, "" if seen else "not seen to answer") for name, seen in watch.workers.items()
    ]
    return (*asked, *workers)


def _recovery(name: str, at: float | None, since: float, detail: str) -> Recovery:
    return Recovery(name=name, seconds=None if at is None else round(max(0.0, at - since), 3), detail=detail)
