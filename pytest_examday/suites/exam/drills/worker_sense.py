"""Feels that one worker is away: by the names in the platform's replies, or at the worker's own address."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pytest_examday.faults.role_faults import Maker
from pytest_examday.faults.sense import Observation
from pytest_examday.suites.exam.workers.named_workers import known_workers, worker_of
from pytest_examday.suites.exam.workers.tries_needed import tries_for_all
from pytest_examday.suites.exam.workers.worker_address import asking_worker

if TYPE_CHECKING:
    from pytest_examday.faults.fault import Fault
    from pytest_examday.target.target import Target

_ASKED_AT_ONCE = 8
_CALL_SECONDS = 1.0


@dataclass
class WorkerAway:
    """One worker, which must not answer while the fault is in."""

    target: "Target"
    worker: str
    silence_seconds: float | None = 1.0
    _seen: set[str] = field(default_factory=set, init=False)
    _ask: Callable[[], tuple[bool, str]] | None = field(default=None, init=False)

    @property
    def name(self) -> str:
        """The worker."""
        return self.worker

    def prepare(self) -> None:
        """Ask until the worker has answered, as often as it takes to reach each by chance; or find its own address."""
        for _ in range(tries_for_all(known_workers(self.target))):
            self._seen |= self._names(1)
            if self.worker in self._seen:
                return
        ask = asking_worker(self.target, self.worker)
        self._ask = ask if ask is not None and ask()[0] else None

    def observe(self) -> Observation:
        """Look whether the worker answers."""
        if self.worker in self._seen:
            names = self._names(_ASKED_AT_ONCE)
            seen = ", ".join(sorted(names)) or "nobody"
            return Observation(self.worker not in names, f"{seen} answered {_ASKED_AT_ONCE} new connections")
        if self._ask is not None:
            replied, reply = self._ask()
            return Observation(not replied, f"its own address: {reply}")
        if not self._seen:
            return Observation(None, "replies name no worker, and the runtime knows no address of it")
        return Observation(None, f"replies name {', '.join(sorted(self._seen))}, and never {self.worker}")

    def _names(self, calls: int) -> set[str]:
        naming = self.target.environment.platform.contract.worker_naming
        replies = (self.target.api.call(naming, timeout=_CALL_SECONDS) for _ in range(calls))
        return {name for reply in replies if (name := worker_of(reply)) is not None}


def felt_by_worker(maker: Maker) -> Maker:
    """The fault of one worker, with a sense for that worker."""

    def made(target: "Target") -> "Fault":
        fault = maker(target)
        return replace(fault, senses=(*fault.senses, WorkerAway(target, fault.service)))

    return made
