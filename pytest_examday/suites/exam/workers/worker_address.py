"""Reaches one worker at its own address, past every proxy, if the runtime knows that address."""

from typing import TYPE_CHECKING

from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.sense import Ask

if TYPE_CHECKING:
    from pytest_examday.contract.operation import Operation
    from pytest_examday.target.api import Api
    from pytest_examday.target.target import Target

_CALL_SECONDS = 2.0


def api_of_worker(target: "Target", worker: str, *allowed: "Operation") -> "Api | None":
    """The API of one worker at its own address, which is only read, but for the `allowed` operations; None if the
    runtime knows no address of it."""
    try:
        address = target.runtime.address(worker)
    except Unmeasurable:
        return None
    if address is None:
        return None
    api = target.api.at(address.rstrip("/"), "only read at a worker's own address")
    api.allow_always(*allowed)
    return api


def asking_worker(target: "Target", worker: str) -> Ask | None:
    """A function that calls the health endpoint of one worker, or else its cheapest operation; None if the runtime
    knows no address of the worker."""
    api = api_of_worker(target, worker)
    if api is None:
        return None

    def ask() -> tuple[bool, str]:
        reply = api.call(api.contract.health_or_ready, timeout=_CALL_SECONDS)
        return reply.accepted, f"{reply} at {api.base_url}"

    return ask
