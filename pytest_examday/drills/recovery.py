"""How long until everything answers again, per operation and per worker."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pytest_examday.api import Reply
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.phases import Recovery
from pytest_examday.site import Site
from pytest_examday.sitting import Sitting

_GOOD_IN_A_ROW = 3
_PAUSE_SECONDS = 0.1
OPERATIONS = ("health", "ready", "create", "answer", "submit")
"""What the recovery drill of seed 000 lists under "Services Restored"."""


@dataclass
class _Streak:
    """Good answers in a row of one operation."""

    good: int = 0
    first_good: float | None = None
    last: str = "never asked"

    def note(self, reply: Reply | None, at: float) -> None:
        self.last = "not reached" if reply is None else str(reply)
        if reply is not None and reply.accepted:
            self.first_good = at if self.good == 0 else self.first_good
            self.good += 1
        else:
            self.good, self.first_good = 0, None

    @property
    def recovered(self) -> bool:
        return self.good >= _GOOD_IN_A_ROW


@dataclass
class _Watch:
    """All operations, and the workers seen to answer."""

    site: Site
    sitting: Sitting
    streaks: dict[str, _Streak] = field(default_factory=lambda: {name: _Streak() for name in OPERATIONS})
    workers: dict[str, float | None] = field(default_factory=dict)

    def round(self) -> None:
        """Ask everything once, on fresh connections."""
        self._ask("health", lambda: self.site.api.call("health", timeout=2))
        ready = self._ask("ready", lambda: self.site.api.call("ready", timeout=3))
        worker = self.site.contract.exam_mode.find("worker", ready.body)
        if ready.accepted and self.workers.get(worker, 0.0) is None:
            self.workers[worker] = time.time()
        created = self._ask("create", self.sitting.open)
        for name, step in (("answer", self.sitting.answer), ("submit", self.sitting.submit)):
            if created.accepted and self.sitting.questions:
                self._ask(name, step)
            else:
                self.streaks[name].note(None, time.time())

    def _ask(self, name: str, step: Callable[[], Reply]) -> Reply:
        reply = step()
        self.streaks[name].note(reply, time.time())
        return reply

    @property
    def complete(self) -> bool:
        return all(streak.recovered for streak in self.streaks.values()) and None not in self.workers.values()


def expected_workers(site: Site) -> tuple[str, ...]:
    """The workers whose return can be seen in the platform's answers; none where it does not name them."""
    if "worker" not in site.contract.exam_mode.finds:
        return ()
    try:
        return site.runtime.workers()
    except Unmeasurable:
        return ()  # no runtime: operations alone are watched


def measure_recovery(site: Site, sitting: Sitting, since: float, limit_seconds: float) -> tuple[Recovery, ...]:
    """Ask until everything answered several times in a row and every worker was seen, or the limit has passed."""
    watch = _Watch(site, sitting, workers=dict.fromkeys(expected_workers(site)))
    while not watch.complete and time.time() < since + limit_seconds:
        watch.round()
        time.sleep(_PAUSE_SECONDS)
    operations = [
        _recovery(name, streak.first_good if streak.recovered else None, since, streak.last)
        for name, streak in watch.streaks.items()
    ]
    workers = [
        _recovery(name, seen, since, "" if seen else "not seen to answer") for name, seen in watch.workers.items()
    ]
    return (*operations, *workers)


def _recovery(name: str, at: float | None, since: float, detail: str) -> Recovery:
    return Recovery(name=name, seconds=None if at is None else round(max(0.0, at - since), 3), detail=detail)
