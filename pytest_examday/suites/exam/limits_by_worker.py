"""Reaches the rate limit of each worker by itself, before and after one of several workers was started again."""

import uuid
from collections import Counter
from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

from pytest_examday.contract.operations import RateLimit
from pytest_examday.evidence.probe import Probe
from pytest_examday.suites.exam.exam_mode.coverage import tries_for
from pytest_examday.suites.exam.exam_mode.survey import known_workers, same_worker, worker_of
from pytest_examday.suites.exam.limit_probes import AFTER, promised
from pytest_examday.suites.exam.probe_candidate import ProbeCandidate

if TYPE_CHECKING:
    from pytest_examday.target.api import Api, Reply
    from pytest_examday.target.target import Target

_BURSTS = 2
"""A fixed window may end in the middle of a burst; it cannot end in the next one as well."""
_PATIENCE = 3
"""Workers are looked for so many times as long as chance demands, and so many connections may tell nothing."""
_NOTED = "limits of workers"


class _Calls(NamedTuple):
    """How many calls of the limited operation a worker has answered, and how many of them it limited."""

    made: int
    limited: int

    def __str__(self) -> str:
        return f"{self.limited} of {self.made} calls"


def note_limits(target: "Target", candidate: ProbeCandidate) -> None:
    """Note which workers limit the call of the contract now: a limit that is not seen before cannot be missed later."""
    made = _by_worker(target)
    candidate.noted[_NOTED] = {name for name, calls in made.items() if calls.limited}


def limits_after(target: "Target", candidate: ProbeCandidate) -> tuple[Probe, ...]:
    """Each worker that limited the call before does so again. Nothing is told where no worker was seen to."""
    before: set[str] = candidate.noted.get(_NOTED, set())
    if not before:
        return ()
    made = _by_worker(target)
    told = ", ".join(f"{name} limited {calls}" for name, calls in sorted(made.items()) if name in before)
    missed = ", ".join(sorted(before - made.keys()))
    if any(not made[name].limited for name in before & made.keys()):
        return (Probe(name=AFTER, passed=False, detail=told),)
    if missed:
        return (Probe.untried(AFTER, f"{missed} did not answer, or could not be told from others"),)
    return (Probe(name=AFTER, passed=True, detail=told),)


def _by_worker(target: "Target") -> dict[str, _Calls]:
    """The calls of each worker that could be told apart; none where answers name no worker."""
    contract, known = target.environment.platform.contract, set(known_workers(target))
    if contract.rate_limit is None or not promised(target):
        return {}
    if contract.worker_header is not None:
        return _by_header(target.api, contract.rate_limit, known)
    return _by_connection(target, contract.rate_limit, known)


def _by_header(api: "Api", described: RateLimit, known: set[str]) -> dict[str, _Calls]:
    """The calls by the worker that each answer names. One that limited none is told after so many calls that it would
    have had to."""
    nonce, enough = {"nonce": uuid.uuid4().hex[:12]}, _BURSTS * described.burst
    made: Counter[str] = Counter()
    limited: Counter[str] = Counter()
    for _ in range(_PATIENCE * enough * max(2, len(known))):
        reply = api.call(described.operation, nonce)
        is_limit = reply.status == described.limited
        if reply.worker is None or not (is_limit or reply.accepted):
            break
        made[reply.worker] += 1
        limited[reply.worker] += is_limit
        if known and all(limited[name] or made[name] >= enough for name in known):
            break
    return {name: _Calls(calls, limited[name]) for name, calls in made.items() if limited[name] or calls >= enough}


def _by_connection(target: "Target", described: RateLimit, known: set[str]) -> dict[str, _Calls]:
    """The calls on a connection of each worker's own: between any two of them a reading names the worker. None where
    requests on one connection reach several."""
    made: dict[str, _Calls] = {}
    misses = 0
    for _ in range(_PATIENCE * tries_for(max(2, len(known)))):
        named = _calls(target.api, described, made)
        misses += named is None
        made |= named or {}
        if misses >= _PATIENCE or (known and made.keys() >= known):
            break
    return made


def _calls(api: "Api", described: RateLimit, done: Collection[str]) -> dict[str, _Calls] | None:
    """The calls on a new connection: none where its worker has been met already, None where nobody knows the worker."""
    nonce = {"nonce": uuid.uuid4().hex[:12]}
    with api.kept() as connection:
        readings = [connection.call(api.contract.naming)]
        worker = worker_of(readings[0])
        if worker is None or worker in done:
            return None if worker is None else {}
        replies: list[Reply] = []
        for _ in range(_BURSTS):
            for _ in range(described.burst):
                replies.append(connection.call(described.operation, values=nonce))
                readings.append(connection.call(api.contract.naming))
            if any(reply.status == described.limited for reply in replies):
                break
    stayed = same_worker(*readings) and {reply.connection for reply in replies} == {readings[0].connection}
    answered = all(reply.accepted or reply.status == described.limited for reply in replies)
    limited = sum(reply.status == described.limited for reply in replies)
    return {worker: _Calls(len(replies), limited)} if stayed and answered else None
