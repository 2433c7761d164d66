"""Reads exam mode: on new connections until every worker has been read, in the environment of the workers, and by the
flag of the configuration."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_examday.contract.numbers_and_moments import truth
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.evidence import ExamModeFlag
from pytest_examday.suites.exam.exam_mode.exam_mode_flag import exam_mode_flag
from pytest_examday.suites.exam.workers.named_workers import known_workers, same_worker, worker_of
from pytest_examday.suites.exam.workers.tries_needed import PATIENCE, tries_for, tries_for_all
from pytest_examday.suites.exam.workers.worker_address import api_of_worker

if TYPE_CHECKING:
    from pytest_examday.target.api import Api, Reply
    from pytest_examday.target.target import Target

_FEWEST = 8
"""The least number of connections: a platform whose readings name no worker may have several."""
_MOST = 1000
_SECONDS = 120.0
"""The survey ends here even if names never repeat or the platform is slow. It says which workers it has not seen."""


@dataclass(frozen=True)
class ExamModeReading:
    """One reading of exam mode; None if the reply does not show it. `detail` holds the reply."""

    on: bool | None
    worker: str | None
    detail: str


@dataclass(frozen=True)
class Survey:
    """All readings. `known` are the workers that the runtime knows. `sticky`: requests on one connection always reached
    one worker, so that a reading shows which worker gives the next reply. `flag` is exam mode as the configured
    statement or command tells it; None if there is none. `single`: workers were not searched for, and protected
    operations are to be called once instead of on every worker."""

    readings: tuple[ExamModeReading, ...]
    connections: int
    known: tuple[str, ...]
    sticky: bool
    flag: ExamModeFlag | None = None
    single: bool = False

    @property
    def seen(self) -> tuple[str, ...]:
        """The workers that readings name."""
        return tuple(sorted({reading.worker for reading in self.readings if reading.worker is not None}))

    @property
    def by_worker(self) -> dict[str, bool | None]:
        """The worst reading of each worker that is named: off, then unknown, then on."""
        return {name: _worst(r.on for r in self.readings if r.worker == name) for name in self.seen}

    @property
    def unreadable(self) -> tuple[str, ...]:
        """The replies that are not readings, each once."""
        flag = self.flag.detail if self.flag is not None and self.flag.on is None else ""
        details = (*(reading.detail for reading in self.readings if reading.on is None), flag)
        return tuple(dict.fromkeys(filter(None, details)))

    @property
    def off(self) -> tuple[str, ...]:
        """Who says that exam mode is off: workers by their names, `a worker`, and the flag."""
        workers = sorted({reading.worker or "a worker" for reading in self.readings if reading.on is False})
        flag = () if self.flag is None or self.flag.on is not False else (self.flag.whose,)
        return (*workers, *flag)

    def all_are(self, on: bool) -> bool:
        """Whether every reading and the flag say this."""
        modes = [reading.on for reading in self.readings] + ([] if self.flag is None else [self.flag.on])
        return bool(modes) and all(mode is on for mode in modes)

    @property
    def all_on(self) -> bool:
        """Whether every reading and the flag say that exam mode is on."""
        return self.all_are(True)


def survey_of(target: "Target") -> Survey:
    """Read exam mode of every worker, and the flag if one is configured.

    A worker that no reply names is read at its own address, if the runtime knows it. Without the operation of the
    contract and without a flag, exam mode is read in the environment with which each worker was started.
    """
    workers, flag = known_workers(target), exam_mode_flag(target)
    if target.environment.platform.contract.exam_mode is None:
        started_with = () if flag is not None else tuple(_in_environment(target, workers))
        return Survey(started_with, 0, workers, sticky=False, flag=flag)
    so_far = replace(survey(target.api, workers), flag=flag)
    addressed = {name: api for name in workers if name not in so_far.seen and (api := api_of_worker(target, name))}
    if not addressed:
        return so_far
    readings = [replace(_reading(api.call("exam_mode")), worker=name) for name, api in addressed.items()]
    return replace(so_far, readings=(*so_far.readings, *readings), sticky=False)


def survey(api: "Api", workers: tuple[str, ...]) -> Survey:
    """Read exam mode twice on each of many new connections, until every worker has been read, or so often that a missed
    worker is very unlikely."""
    readings: list[ExamModeReading] = []
    connections, sticky, until = 0, True, time.monotonic() + _SECONDS
    while True:
        with api.keep_alive() as connection:
            first, second = connection.call("exam_mode"), connection.call("exam_mode")
        connections += 1
        readings += [_reading(first), _reading(second)]
        sticky = sticky and same_worker(first, second)
        so_far = Survey(tuple(readings), connections, workers, sticky)
        if _enough(so_far) or connections >= _MOST or time.monotonic() > until:
            return so_far


def _in_environment(target: "Target", workers: tuple[str, ...]) -> Iterator[ExamModeReading]:
    """A reading for each worker that the runtime knows; none if the contract names no variable."""
    variable = target.environment.platform.contract.exam_mode_variable
    if variable is None:
        return
    for worker in workers:
        try:
            value = target.runtime.environment(worker).get(variable)
        except Unmeasurable as reason:
            yield ExamModeReading(None, worker, str(reason))
        else:
            yield ExamModeReading(truth(value), worker, f"{worker} was started with {variable} = {value!r}")


def one_reading(target: "Target") -> Survey:
    """A single reading of the operation of the contract, and the flag. Without that operation, the flag alone; without
    both, exam mode is read in the environment of the workers."""
    if target.environment.platform.contract.exam_mode is None:
        return replace(survey_of(target), single=True)
    reading = _reading(target.api.call("exam_mode"))
    return Survey((reading,), 1, (), sticky=False, flag=exam_mode_flag(target), single=True)


def _enough(so_far: Survey) -> bool:
    if so_far.connections < _FEWEST:
        return False
    if not so_far.seen:
        # Without names only the number counts. A platform that does not show its mode will not show it later either.
        return not so_far.all_on or so_far.connections >= tries_for_all(so_far.known)
    chance = tries_for(len(so_far.seen) + 1)  # after so many tries one worker more would have been seen
    if so_far.connections < chance:
        return False
    return len(so_far.seen) >= len(so_far.known) or so_far.connections >= PATIENCE * max(
        chance, tries_for(len(so_far.known))
    )


def _reading(reply: "Reply") -> ExamModeReading:
    on = truth(reply.find("exam_mode"))
    detail = str(reply) if not reply.accepted else f"{reply}, which does not show exam mode"
    return ExamModeReading(on, worker_of(reply), detail)


def _worst(found: Iterable[bool | None]) -> bool | None:
    values = set(found)
    return False if False in values else None if None in values else True
