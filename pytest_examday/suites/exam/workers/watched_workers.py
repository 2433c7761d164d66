"""Chooses the workers that a drill watches, by their names in replies or at their own addresses."""

from typing import TYPE_CHECKING

from pytest_examday.drills.watched_services import WatchedService
from pytest_examday.drills.workload import Workers
from pytest_examday.suites.exam.workers.named_workers import known_workers, worker_of
from pytest_examday.suites.exam.workers.tries_needed import tries_for_all
from pytest_examday.suites.exam.workers.worker_address import asking_worker

if TYPE_CHECKING:
    from pytest_examday.target.target import Target

_CALL_SECONDS = 3.0
_NAMELESS_REPLIES = 3
"""After so many replies without a name no later name is expected."""


def watched_workers(target: "Target") -> Workers:
    """The workers that the runtime knows and that were seen before the fault. One that was not seen then would never be
    seen to return."""
    workers = known_workers(target)
    if not workers:
        return Workers(why_unwatched="no worker was watched, because the runtime names none")
    seen = _names(target, workers)
    named = tuple(name for name in workers if name in seen)
    missing = [name for name in workers if name not in seen]
    addressed = {name: ask for name in missing if (ask := asking_worker(target, name)) is not None}
    at_own_address = tuple(WatchedService(name, ask) for name, ask in addressed.items() if ask()[0])
    unwatched = [name for name in missing if name not in {service.name for service in at_own_address}]
    strangers = sorted(seen.difference(workers))
    if unwatched and strangers:
        names = f"the runtime knows {', '.join(workers)}, and replies name {', '.join(sorted(seen))}"
        return Workers(
            named, at_own_address, name_mistake=f"the names of workers differ, a mistake in the configuration: {names}"
        )
    why = "no reply named them and no address of theirs replied" if seen else "replies name no worker"
    return Workers(
        named,
        at_own_address,
        why_unwatched=f"{', '.join(unwatched)} could not be watched: {why}" if unwatched else None,
    )


def _names(target: "Target", workers: tuple[str, ...]) -> set[str]:
    """The names in replies on new connections. Requests are sent until all known names were seen, or so often that a
    missed worker is very unlikely."""
    seen: set[str] = set()
    for tried in range(tries_for_all(workers)):
        reply = target.api.call(target.environment.platform.contract.worker_naming, timeout=_CALL_SECONDS)
        name = worker_of(reply)
        seen |= set() if name is None else {name}
        if seen.issuperset(workers) or (not seen and tried + 1 >= _NAMELESS_REPLIES):
            break
    return seen
