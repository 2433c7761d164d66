"""The limit of open files: each actor needs one connection, and a second one for a double click."""

import resource

from pytest_examday.errors import Unmeasurable

_OTHERS = 100
"""For the files, pipes and libraries of a process."""
_LEAST_PER_ACTOR, _MOST_PER_ACTOR = 1.5, 2


def require_open_files(actors: int) -> None:
    """Raise this process's limit of open files to what so many actors need. Its children inherit the limit.

    Raises Unmeasurable if the machine does not allow enough.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = actors * _MOST_PER_ACTOR + _OTHERS
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    least = int(actors * _LEAST_PER_ACTOR) + _OTHERS
    if hard != resource.RLIM_INFINITY and hard < least:
        raise Unmeasurable(
            f"{actors} actors in one process need {least} file descriptors and this machine allows {hard}: "
            "raise `ulimit -Hn`, choose more processes or fewer actors"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed if hard == resource.RLIM_INFINITY else min(needed, hard), hard))
