"""File descriptors: an actor needs a connection, and for a double click a second one."""

import resource

from pytest_examday.errors import Unmeasurable

_OTHERS = 100
"""Files, pipes and libraries of a process."""
_LEAST_PER_CANDIDATE, _MOST_PER_CANDIDATE = 1.5, 2


def require_descriptors(candidates: int) -> None:
    """Raise this process's limit, which its children inherit, as far as so many actors in one process need.

    Raises Unmeasurable where the machine does not allow enough.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = candidates * _MOST_PER_CANDIDATE + _OTHERS
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    least = int(candidates * _LEAST_PER_CANDIDATE) + _OTHERS
    if hard != resource.RLIM_INFINITY and hard < least:
        raise Unmeasurable(
            f"{candidates} candidates in one process need {least} file descriptors and this machine allows {hard}: "
            "raise `ulimit -Hn`, choose more processes or fewer candidates"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
