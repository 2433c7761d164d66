"""Reaches the rate limit of each worker by itself, before and after one of several workers was started again."""

import uuid
from collections import Counter
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, NamedTuple

from pytest_examday.contract.contract import RateLimit
from pytest_examday.contract.templates import Values
from pytest_examday.evidence.probe import Probe
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.probe_names import RATE_LIMIT_AFTER
from pytest_examday.suites.exam.probes.rate_limit_probes import has_rate_limits
from pytest_examday.suites.exam.workers.named_workers import known_workers, same_worker, worker_of
from pytest_examday.suites.exam.workers.tries_needed import (
    PATIENCE,
    tries_for,
    tries_for_all,
    workers_to_reckon_with,
)
from pytest_examday.suites.exam.workers.worker_address import api_of_worker

if TYPE_CHECKING:
    from pytest_examday.target.api import Api, Reply
    from pytest_examday.target.target import Target

_BURSTS = 2
"""The bursts that are made. A fixed window may end in the middle of one burst, but not also in the next one."""
_MOST_MISSES = 3
"""After so many connections that gave no figures the search for workers ends."""
_CALL_SECONDS = 3.0
_NOTED, _TOGETHER = "limits of workers", "limit of all workers together"


class _Calls(NamedTuple):
    """How many calls of the limited operation a worker has replied to, and how many of them it limited."""

    made: int
    limited: int

    @property
    def all_limited(self) -> bool:
        """Whether there were calls, and each of them was limited."""
        return 0 < self.made == self.limited

    def __str__(self) -> str:
        return f"{self.limited} of {self.made} calls"


def note_limits(target: "Target", prober: ProbeCandidate) -> None:
    """Note which workers limit the call of the contract now: a limit that is not seen before cannot be missed later."""
    by_worker = _by_worker(target)
    prober.noted[_NOTED] = {name for name, calls in by_worker.items() if calls.limited}
    prober.noted[_TOGETHER] = not by_worker and _all_limit(target).all_limited


def limits_after(target: "Target", prober: ProbeCandidate) -> tuple[Probe, ...]:
    """Probes: each worker that limited the call before does so again. There is none if no worker was seen to limit
    it."""
    before: set[str] = prober.noted.get(_NOTED, set())
    if prober.noted.get(_TOGETHER):
        return (_together(target),)
    if not before:
        return ()
    by_worker = _by_worker(target)
    message = ", ".join(f"{name} limited {calls}" for name, calls in sorted(by_worker.items()) if name in before)
    missed = ", ".join(sorted(before - by_worker.keys()))
    if any(not by_worker[name].limited for name in before & by_worker.keys()):
        return (Probe(name=RATE_LIMIT_AFTER, passed=False, detail=message),)
    if missed:
        return (Probe.untried(RATE_LIMIT_AFTER, f"{missed} did not reply, or could not be distinguished from others"),)
    return (Probe(name=RATE_LIMIT_AFTER, passed=True, detail=message),)


def _together(target: "Target") -> Probe:
    """The probe of workers that cannot be distinguished. It is made again if it fails: a window may have ended."""
    calls = _all_limit(target)
    if not calls.all_limited:
        calls = _all_limit(target)
    message = f"once the limit was reached, {calls} by any worker were limited"
    return (
        Probe(name=RATE_LIMIT_AFTER, passed=calls.all_limited, detail=message)
        if calls.made
        else Probe.untried(RATE_LIMIT_AFTER, message)
    )


def _all_limit(target: "Target") -> _Calls:
    """The calls once the limit was reached, so many that every worker gets one, but for one chance in a thousand. No
    calls if the limit was not reached, or if a reply is neither acceptance nor limit."""
    described = target.environment.platform.contract.rate_limit
    workers = workers_to_reckon_with(known_workers(target))
    if described is None or not has_rate_limits(target):
        return _Calls(0, 0)
    nonce, statuses = {"nonce": uuid.uuid4().hex[:12]}, list[int | None]()
    most = _BURSTS * described.burst * workers  # each worker may count by itself
    while len(statuses) < tries_for(workers) and most > 0:
        reply = target.api.call(described.operation, nonce)
        if not (reply.accepted or reply.status == described.limited):
            return _Calls(0, 0)
        if statuses or reply.status == described.limited:
            statuses.append(reply.status)
        else:
            most -= 1
    return _Calls(len(statuses), statuses.count(described.limited))


def _by_worker(target: "Target") -> dict[str, _Calls]:
    """The calls of each worker that could be distinguished: by its name in replies, or else at its own address."""
    contract, workers = target.environment.platform.contract, set(known_workers(target))
    if contract.rate_limit is None or not has_rate_limits(target):
        return {}
    if contract.worker_header is not None:
        return _by_header(target.api, contract.rate_limit, workers)
    by_connection = _by_connection(target, contract.rate_limit, workers)
    addressed = {name: _at_own_address(target, contract.rate_limit, name) for name in workers - by_connection.keys()}
    return by_connection | {name: calls for name, calls in addressed.items() if calls is not None}


def _by_header(api: "Api", described: RateLimit, workers: set[str]) -> dict[str, _Calls]:
    """The calls by the worker that each reply names. A worker that limited none is included after so many calls that it
    should have limited one."""
    nonce, enough = {"nonce": uuid.uuid4().hex[:12]}, _BURSTS * described.burst
    made: Counter[str] = Counter()
    limited: Counter[str] = Counter()
    for _ in range(PATIENCE * enough * workers_to_reckon_with(workers)):
        reply = api.call(described.operation, nonce)
        is_limit = reply.status == described.limited
        if reply.worker is None or not (is_limit or reply.accepted):
            break
        made[reply.worker] += 1
        limited[reply.worker] += is_limit
        if workers and all(limited[name] or made[name] >= enough for name in workers):
            break
    return {name: _Calls(calls, limited[name]) for name, calls in made.items() if limited[name] or calls >= enough}


def _by_connection(target: "Target", described: RateLimit, workers: set[str]) -> dict[str, _Calls]:
    """The calls of each worker on one connection: a reading between two calls names the worker. A worker is missing if
    requests on one connection reach several workers."""
    by_worker: dict[str, _Calls] = {}
    misses = 0
    for _ in range(PATIENCE * tries_for_all(workers)):
        named = _calls(target.api, described, by_worker)
        misses += named is None
        by_worker |= named or {}
        if misses >= _MOST_MISSES or (workers and by_worker.keys() >= workers):
            break
    return by_worker


def _at_own_address(target: "Target", described: RateLimit, worker: str) -> _Calls | None:
    """The calls at the worker's own address, past every proxy; None if the runtime knows no address, if nothing may be
    sent there, or if the worker does not reply."""
    api = api_of_worker(target, worker, described.operation) if target.api.writes else None
    if api is None:
        return None
    return _counted(lambda values: api.call(described.operation, values, timeout=_CALL_SECONDS), described)


def _counted(call: Callable[[Values], "Reply"], described: RateLimit) -> _Calls | None:
    """The calls of one worker, until a burst was limited; None if a call is neither accepted nor limited."""
    nonce, made, limited = {"nonce": uuid.uuid4().hex[:12]}, 0, 0
    for _ in range(_BURSTS):
        for _ in range(described.burst):
            reply = call(nonce)
            is_limit = reply.status == described.limited
            if not (is_limit or reply.accepted):
                return None
            made, limited = made + 1, limited + is_limit
        if limited:
            break
    return _Calls(made, limited)


def _calls(api: "Api", described: RateLimit, done: Collection[str]) -> dict[str, _Calls] | None:
    """The calls on a new connection: empty if its worker was already reached; None if the worker is unknown, if the
    connection reached another worker as well, or if a reply was neither accepted nor limited."""
    with api.keep_alive() as connection:
        readings = [connection.call(api.contract.worker_naming)]
        worker = worker_of(readings[0])
        if worker is None or worker in done:
            return None if worker is None else {}
        used: set[str | None] = set()

        def call(values: Values) -> "Reply":
            reply = connection.call(described.operation, values=values)
            used.add(reply.connection)
            readings.append(connection.call(api.contract.worker_naming))
            return reply

        counted = _counted(call, described)
    stayed = same_worker(*readings) and used == {readings[0].connection}
    return {worker: counted} if stayed and counted is not None else None
