"""Measures recovery: the time until each operation, each store behind the operations and each worker answers again."""

import re
import time
from dataclasses import dataclass, field

from pytest_examday.drills.watched_services import WatchedService
from pytest_examday.drills.workload import Workers, Workload
from pytest_examday.evidence.drill_evidence import Recovery

_GOOD_IN_A_ROW = 3
_PAUSE_SECONDS = 0.1
_TIMEOUT = re.compile(r"time(d )?out|in time", re.IGNORECASE)
"""Matches the messages by which the drivers of stores say that no reply came in time."""


@dataclass
class _Replies:
    """Counts the replies of one operation or service."""

    tries: int = 0
    bad: int = 0
    good: int = 0
    """How many good replies came in a row up to now."""
    first_good: float | None = None
    """When the first of these good replies came, in time of `time.monotonic`."""
    last: str = "never asked"
    """The last reply in words."""
    last_bad: str = ""
    """The last reply that was not good, in words."""
    bad_was_slow: bool = False
    """Whether that reply did not come in time."""

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
        """The last reply; if not all replies were good and there is no recovery, the last one that was not good."""
        if self.recovered or not self.bad:
            return self.last
        return f"{self.last_bad} ({self.bad} of {self.tries} tries)"


@dataclass
class _RecoveryWatch:
    """Watches all operations and services, and when each of the workers in `named` first answered."""

    workload: Workload
    watched_services: tuple[WatchedService, ...]
    named: tuple[str, ...]
    operations: dict[str, _Replies] = field(init=False)
    services: dict[str, _Replies] = field(init=False)
    workers: dict[str, float | None] = field(init=False)

    def __post_init__(self) -> None:
        self.operations = {name: _Replies() for name in self.workload.operations}
        self.services = {service.name: _Replies() for service in self.watched_services}
        self.workers = dict.fromkeys(self.named)

    def round(self) -> None:
        """Try all operations and services once."""
        for reply in self.workload.try_operations():
            now = time.monotonic()
            self.operations[reply.operation].note(reply.accepted, reply.text, now, too_slow=reply.too_slow)
            if reply.accepted and reply.worker is not None and self.workers.get(reply.worker, now) is None:
                self.workers[reply.worker] = now
        for service in self.watched_services:
            replied, text = service.ask()
            self.services[service.name].note(
                replied, text, time.monotonic(), too_slow=_TIMEOUT.search(text) is not None
            )

    @property
    def complete(self) -> bool:
        all_replies = (*self.operations.values(), *self.services.values())
        return all(replies.recovered for replies in all_replies) and None not in self.workers.values()


def measure_recovery(
    workload: Workload, stores: tuple[WatchedService, ...], workers: Workers, since: float, limit_seconds: float
) -> tuple[Recovery, ...]:
    """Try everything until each operation, store and worker with an address has answered several times in a row and
    each other worker has answered once, or until `limit_seconds` after `since`.

    `since` is the end of the fault, in time of `time.monotonic`, so that a change of the system's clock does no harm.
    """
    watch = _RecoveryWatch(workload, (*stores, *workers.by_address), workers.named)
    while not watch.complete and time.monotonic() - since < limit_seconds:
        watch.round()
        time.sleep(_PAUSE_SECONDS)
    watched = max(0.0, time.monotonic() - since)
    tried = [
        _recovery(
            name,
            replies.first_good if replies.recovered else None,
            since,
            replies.detail,
            watched,
            too_slow=not replies.bad or replies.bad_was_slow,
            last_bad=replies.last_bad,
        )
        for name, replies in (*watch.operations.items(), *watch.services.items())
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


def failures_before_fault(workload: Workload) -> dict[str, str]:
    """Operation that is not accepted before the fault -> its reply in words."""
    return {reply.operation: reply.text for reply in workload.try_operations() if not reply.accepted}
