"""The workers that the runtime names, and those that replies name."""

from typing import TYPE_CHECKING

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.workers.tries_needed import tries_for_all

if TYPE_CHECKING:
    from pytest_examday.target.api import Reply
    from pytest_examday.target.target import Target


def known_workers(target: "Target") -> tuple[str, ...]:
    """The workers that the runtime knows; none if it knows none."""
    try:
        return target.runtime.workers()
    except Unmeasurable:
        return ()


def tries_on_every_worker(target: "Target") -> int:
    """How many tries reach every worker, but for one chance in a thousand."""
    return tries_for_all(known_workers(target))


def worker_of(reply: "Reply") -> str | None:
    """The worker that gave the reply, if the reply names it."""
    worker = reply.worker or reply.find("worker")
    return None if worker is None else str(worker)


def same_worker(*replies: "Reply") -> bool:
    """Whether the replies came on one connection, and all name the same worker."""
    named, used = {worker_of(reply) for reply in replies}, {reply.connection for reply in replies}
    return len(named) == len(used) == 1 and None not in named | used
