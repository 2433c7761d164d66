"""Reads exam mode on new connections until every worker has been read."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.exam_mode.tries_needed import tries_for
from pytest_examday.suites.exam.worker_address import api_of_worker

if TYPE_CHECKING:
    from pytest_examday.target.api import Api, Reply
    from pytest_examday.target.target import Target

_FEWEST = 8
"""The least number of connections: a platform whose readings name no worker may have several."""
_MOST = 1000
_SECONDS = 120.0
"""The survey ends here even if names never repeat or the platform is slow. It says which workers it has not seen."""
_PATIENCE = 3
"""The search for workers that the runtime knows makes so many times as many tries as chance demands."""
_TRUTHS = {"true": True, "1": True, "on": True, "yes": True, "false": False, "0": False, "off": False, "no": False}


@dataclass(frozen=True)
class ExamModeReading:
    """One reading of exam mode; None if the reply does not show it. `detail` holds the reply."""

    on: bool | None
    worker: str | None
    detail: str


@dataclass(frozen=True)
class Survey:
    """All readings. `known` are the workers that the runtime knows. `sticky`: requests on one connection always reached
    one worker, so that a reading shows which worker gives the next reply."""

    readings: tuple[ExamModeReading, ...]
    connections: int
    known: tuple[str, ...]
    sticky: bool

    @property
    def seen(self) -> tuple[str, ...]:
        """The workers that readings name."""
        return tuple(sorted({reading.worker for reading in self.readings if reading.worker is not None}))

    @property
    def workers(self) -> int:
        """The least number of workers that there must be."""
        return max(len(self.known), len(self.seen), 1)

    @property
    def by_worker(self) -> dict[str, bool | None]:
        """The worst reading of each worker that is named: off, then unknown, then on."""
        return {name: _worst(r.on for r in self.readings if r.worker == name) for name in self.seen}

    @property
    def unreadable(self) -> tuple[str, ...]:
        """The replies that are not readings, each once."""
        return tuple(dict.fromkeys(reading.detail for reading in self.readings if reading.on is None))

    @property
    def all_on(self) -> bool:
        """Whether every reading says that exam mode is on."""
        return bool(self.readings) and all(reading.on is True for reading in self.readings)


def truth(value: object) -> bool | None:
    """The flag as platforms write it; None for anything else."""
    return value if isinstance(value, bool) else _TRUTHS.get(str(value).strip().lower())


def known_workers(target: "Target") -> tuple[str, ...]:
    """The workers that the runtime knows; none if it knows none."""
    try:
        return target.runtime.workers()
    except Unmeasurable:
        return ()


def survey_of(target: "Target") -> Survey:
    """Read exam mode of every worker. A worker that no reply names is read at its own address, if the runtime knows it.
    Without the operation in the contract there are no readings."""
    workers = known_workers(target)
    if target.environment.platform.contract.exam_mode is None:
        return Survey((), 0, workers, sticky=False)
    made = survey(target.api, workers)
    addressed = {name: api for name in workers if name not in made.seen and (api := api_of_worker(target, name))}
    if not addressed:
        return made
    readings = [replace(_reading(api.call("exam_mode")), worker=name) for name, api in addressed.items()]
    return replace(made, readings=(*made.readings, *readings), sticky=False)


def survey(api: "Api", workers: tuple[str, ...]) -> Survey:
    """Read exam mode twice on each of many new connections, until every worker has been read, or so often that a missed
    worker is very unlikely."""
    readings: list[ExamModeReading] = []
    connections, sticky, until = 0, True, time.monotonic() + _SECONDS
    while True:
        with api.kept() as connection:
            first, second = connection.call("exam_mode"), connection.call("exam_mode")
        connections += 1
        readings += [_reading(first), _reading(second)]
        sticky = sticky and same_worker(first, second)
        so_far = Survey(tuple(readings), connections, workers, sticky)
        if _enough(so_far) or connections >= _MOST or time.monotonic() > until:
            return so_far


def one_reading(api: "Api") -> Survey:
    """A single reading, as if its worker were the only one."""
    made = _reading(api.call("exam_mode"))
    return Survey((replace(made, worker=made.worker or "a worker"),), 1, (), sticky=False)


def worker_of(reply: "Reply") -> str | None:
    """The worker that gave the reply, if the reply names it."""
    worker = reply.worker or reply.find("worker")
    return None if worker is None else str(worker)


def same_worker(*replies: "Reply") -> bool:
    """Whether the replies came on one connection, and all name the same worker."""
    named, used = {worker_of(reply) for reply in replies}, {reply.connection for reply in replies}
    return len(named) == len(used) == 1 and None not in named | used


def _enough(made: Survey) -> bool:
    if made.connections < _FEWEST:
        return False
    if not made.seen:
        # Without names only the number counts. A platform that does not show its mode will not show it later either.
        return not made.all_on or made.connections >= tries_for(max(len(made.known), 2))
    chance = tries_for(len(made.seen) + 1)  # after so many tries one worker more would have been seen
    if made.connections < chance:
        return False
    return len(made.seen) >= len(made.known) or made.connections >= _PATIENCE * max(chance, tries_for(len(made.known)))


def _reading(reply: "Reply") -> ExamModeReading:
    on = truth(reply.find("exam_mode"))
    detail = str(reply) if not reply.accepted else f"{reply}, which does not show exam mode"
    return ExamModeReading(on, worker_of(reply), detail)


def _worst(found: Iterable[bool | None]) -> bool | None:
    values = set(found)
    return False if False in values else None if None in values else True
