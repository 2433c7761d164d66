"""Measures recovery: how long it takes until each operation, each store behind them and each worker answers again."""

import time
from dataclasses import dataclass, field

from pytest_examday.drills.watched_stores import Store
from pytest_examday.drills.workload import Workers, Workload
from pytest_examday.evidence.drill_evidence import Recovery

_GOOD_IN_A_ROW = 3
_PAUSE_SECONDS = 0.1


@dataclass
class _Streak:
    """Counts answers and, of the last ones, the good ones in a row; `first_good` is when the first of these came
    (`time.monotonic`), `last_bad` the last answer that was not good."""

    asked: int = 0
    bad: int = 0
    good: int = 0
    first_good: float | None = None
    last: str = "never asked"
    last_bad: str = ""

    def note(self, accepted: bool, answer: str, at: float) -> None:
        self.asked += 1
        self.last = answer
        if accepted:
            self.first_good = at if self.good == 0 else self.first_good
            self.good += 1
        else:
            self.bad += 1
            self.last_bad = answer
            self.good, self.first_good = 0, None

    @property
    def recovered(self) -> bool:
        return self.good >= _GOOD_IN_A_ROW

    @property
    def detail(self) -> str:
        """The last answer; of an operation that answers now and then, the last one that was not good."""
        if self.recovered or not self.bad:
            return self.last
        return f"{self.last_bad} ({self.bad} of {self.asked} tries)"


@dataclass
class _RecoveryWatch:
    """Watches all operations, the stores behind them, and when each worker first answered."""

    workload: Workload
    asked: tuple[Store, ...]
    named: tuple[str, ...]
    operations: dict[str, _Streak] = field(init=False)
    stores: dict[str, _Streak] = field(init=False)
    workers: dict[str, float | None] = field(init=False)

    def __post_init__(self) -> None:
        self.operations = {name: _Streak() for name in self.workload.operations}
        self.stores = {store.name: _Streak() for store in self.asked}
        self.workers = dict.fromkeys(self.named)

    def round(self) -> None:
        """Try all operations and stores once."""
        for answer in self.workload.try_operations():
            now = time.monotonic()
            self.operations[answer.operation].note(answer.accepted, answer.text, now)
            if answer.accepted and answer.worker is not None and self.workers.get(answer.worker, now) is None:
                self.workers[answer.worker] = now
        for store in self.asked:
            self.stores[store.name].note(*store.ask(), time.monotonic())

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
    watch = _RecoveryWatch(workload, (*stores, *workers.asked), workers.named)
    while not watch.complete and time.monotonic() - since < limit_seconds:
        watch.round()
        time.sleep(_PAUSE_SECONDS)
    watched = max(0.0, time.monotonic() - since)
    asked = [
        _recovery(name, streak.first_good if streak.recovered else None, since, streak.detail, watched)
        for name, streak in (*watch.operations.items(), *watch.stores.items())
    ]
    named = [
        _recovery(name, seen, since, "" if seen else "not seen to answer", watched)
        for name, seen in watch.workers.items()
    ]
    return (*asked, *named)


def _recovery(name: str, at: float | None, since: float, detail: str, watched: float) -> Recovery:
    seconds = None if at is None else round(max(0.0, at - since), 3)
    return Recovery(name=name, seconds=seconds, detail=detail, watched_seconds=watched)
