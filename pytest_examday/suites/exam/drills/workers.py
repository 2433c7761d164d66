"""Which worker is disturbed, so that the others can serve."""

from pytest_examday.errors import Unmeasurable
from pytest_examday.target.site import Site


def one_of_several(site: Site, done: str) -> str:
    """The last worker; raises Unmeasurable where it is the only one."""
    workers = site.runtime.workers()
    if len(workers) < 2:
        raise Unmeasurable(f"one of several workers is to be {done}, and the platform has {len(workers)}")
    return workers[-1]
