"""Which worker is disturbed, so that the others can serve."""

from pytest_examday.errors import Unmeasurable
from pytest_examday.target.target import Target


def one_of_several(target: Target, done: str) -> str:
    """The last worker; raises Unmeasurable where it is the only one."""
    workers = target.runtime.workers()
    if len(workers) < 2:
        raise Unmeasurable(f"one of several workers is to be {done}, and the platform has {len(workers)}")
    return workers[-1]
