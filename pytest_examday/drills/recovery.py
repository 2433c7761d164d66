"""Measures recovery: how long it takes until each operation, each store behind them and each worker answers again."""

import re
import time
from dataclasses import dataclass, field

from pytest_examday.drills.watched_stores import Store
from pytest_examday.drills.workload import Workers, Workload
from pytest_examday.evidence.drill_evidence import Recovery

_GOOD_IN_A_ROW = 3
_PAUSE_SECONDS = 0.1
_TIMEOUT = re.compile(r"time(d )?out|in time", re.IGNORECASE)
"""Matches the messages by which the drivers of stores say that no reply came in time."""


@dataclass
class _Streak:
    """Counts replies, and how many good ones came last in a row. `first_good` is when the first of these came
    (`time.monotonic`), `last_bad` the last reply that was not good; `bad_was_slow` says whether that reply did not come
    in time."""

    tries: int = 0
    bad: int = 0
    good: int = 0
    first_good: float | None = None
    last: str = "never asked"
    last_bad: str = ""
    bad_was_slow: bool = False

    def note(self, accepted: bool, reply: str, at: float, *, too_slow: bool = False) -> None:
        self.tries += 1
        self.last = reply
        if accepted:
            self.first_good = at if self.good == 0 else self.first_good
            self.good += 1
        else:
            self.bad += 1
            self.last_bad, self.bad_was_slow = reply, too_slow
            self.good, self.first_good = 0, None

    @property
    def recovered(self) -> bool:
        return self.good >= _GOOD_IN_A_ROW

    @property
    def detail(self) -> str:
        """The last reply; if an operation replies well only now and then, the last reply that was not good."""
        if self.recovered or not self.bad:
            return self.last
        return f"{self.last_bad} ({self.bad} of {self.tries} tries)"


@dataclass
class _RecoveryWatch:
    """Watches all operations, the stores behind them, and when each worker first answered."""

    workload: Workload
    watched_stores: tuple[Store, ...]
    named: tuple[str, ...]
    operations: dict[str, _Streak] = field(init=False)
    stores: dict[str, _Streak] = field(init=False)
    workers: dict[str, float | None] = field(init=False)

    def __post_init__(self) -> None:
        self.operations = {name: _Streak() for name in self.workload.operations}
        self.stores = {store.name: _Streak() for store in self.watched_stores}
        self.workers = dict.fromkeys(self.named)

    def round(self) -> None:
        """Try all operations and stores once."""
        for reply in self.workload.try_operations():
            now = time.monotonic()
            self.operations[reply.operation].note(reply.accepted, reply.text, now, too_slow=reply.too_slow)
            if reply.accepted and reply.worker is not None and self.workers.get(reply.worker, now) is None:
                self.workers[reply.worker] = now
        for store in self.watched_stores:
            replied, text = store.ask()
            self.stores[store.name].note(replied, text, time.monotonic(), too_slow=_TIMEOUT.search(text) is not None)

    @property
    def complete(self) -> bool:
        streaks = (*self.operations.values(), *self.stores.values())
        return all(streak.recovered for streak in streaks) and None not in self.workers.values()


def measure_recovery(
    workload: Workload, stores: tuple[Store, ...], workers: Workers, since: float, limit_seconds: float
) -> tuple[Recovery, ...]:
    """Try everything until each operation and store has answered several times in a row and each worker has answered
    once, or until `limit_seconds` after `since`, the end of the fault. Times are of `time.monotonic`, which nobody
    sets."""
    watch = _RecoveryWatch(workload, (*stores, *workers.by_address), workers.named)
    while not watch.complete and time.monotonic() - since < limit_seconds:
        watch.round()
        time.sleep(_PAUSE_SECONDS)
    watched = max(0.0, time.monotonic() - since)
    tried = [
        _recovery(
            name,
            streak.first_good if streak.recovered else None,
            since,
            streak.detail,
            watched,
            too_slow=not streak.bad or streak.bad_was_slow,
            last_bad=streak.last_bad,
        )
        for name, streak in (*watch.operations.items(), *watch.stores.items())
    ]
    named = [
        _recovery(name, seen, since, "" if seen else "not seen to answer", watched, too_slow=True)
        for name, seen in watch.workers.items()
    ]
    return (*tried, *named)


def _recovery(
    name: str, at: float | None, since: float, detail: str, watched: float, *, too_slow: bool, last_bad: str = ""
) -> Recovery:
    if at is not None:
        return Recovery(name=name, seconds=round(max(0.0, at - since), 3), detail=detail, watched_seconds=watched)
    return Recovery(
        name=name, seconds=None, detail=detail, watched_seconds=watched, too_slow=too_slow, last_failure=last_bad
    )


def failures_without_fault(workload: Workload) -> dict[str, str]:
    """Operation that is not accepted before the fault -> its reply in words."""
    return {reply.operation: reply.text for reply in workload.try_operations() if not reply.accepted}
