"""Faults of a service that is named by its role (database, cache, proxy, worker), whatever a platform calls it.

Each function returns a maker: a function that takes the target and returns the fault. The maker raises Unmeasurable if
the platform has no such service or its runtime cannot do it, and touches nothing.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.fault import Fault, service_delayed, service_down, service_paused
from pytest_examday.faults.role_senses import delay_senses, silence_senses
from pytest_examday.runtimes.base import Role

if TYPE_CHECKING:
    from pytest_examday.target.target import Target

Maker = Callable[["Target"], Fault]


def role_stopped(role: Role, name: str) -> Maker:
    """The service of this role is stopped in the ordinary way."""
    return lambda target: with_silence_senses(
        target, role, service_down(target, name, target.runtime.service(role), abruptly=False)
    )


def role_killed(role: Role, name: str) -> Maker:
    """The service of this role is killed, so that it can finish nothing."""
    return lambda target: with_silence_senses(
        target, role, service_down(target, name, target.runtime.service(role), abruptly=True)
    )


def role_paused(role: Role, name: str) -> Maker:
    """The service of this role is paused: its processes and connections stay, and it sends no replies."""
    return lambda target: with_silence_senses(target, role, service_paused(target, name, target.runtime.service(role)))


def with_silence_senses(target: "Target", role: Role, fault: Fault) -> Fault:
    """The fault, with further senses that observe whether the service of this role is out of reach."""
    return replace(fault, senses=(*fault.senses, *silence_senses(target, role)))


def role_delayed(target: "Target", role: Role, milliseconds: int, jitter_milliseconds: int = 0) -> Fault:
    """The network of the service of this role is delayed. Raises Unmeasurable if that is not possible."""
    service = target.runtime.service(role)
    fault = service_delayed(target, f"{role} delayed", service, milliseconds, jitter_milliseconds)
    return replace(fault, senses=delay_senses(target, role, milliseconds))


def one_worker_down(name: str, *, abruptly: bool) -> Maker:
    """One of several workers is stopped, or killed if `abruptly`; the others can serve."""
    return lambda target: service_down(target, name, _one_of_several(target), abruptly=abruptly)


def one_worker_paused(name: str) -> Maker:
    """One of several workers is paused; the others can serve."""
    return lambda target: service_paused(target, name, _one_of_several(target))


def _one_of_several(target: "Target") -> str:
    """The last worker; raises Unmeasurable if it is the only one."""
    workers = target.runtime.workers()
    if len(workers) < 2:
        raise Unmeasurable(f"one of several workers is to be disturbed, and the platform has {len(workers)}")
    return workers[-1]
