"""Which candidates a variant affects, and how often it acts."""

import os
from functools import cache
from pathlib import Path
from uuid import UUID

from pytest_examday.platform.seeding import stable_id

LOAD = frozenset(stable_id("candidate", number) for number in range(2, 32))
"""The ids of the load's candidates. A variant that asks for these does not affect the candidates of drills and
probes."""
_STARTS_BEFORE = 3


def candidate(number: int) -> UUID:
    """The user id of `candidate-<number>`."""
    return stable_id("candidate", number)


def first_time(what: str) -> bool:
    """Whether this is the first call with `what` on this platform, in all workers together and in all of their
    starts."""
    try:
        _note(what).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


@cache
def all_restarted() -> bool:
    """Whether a restart of all workers has started this worker. Before that restart there are three starts of workers:
    two when the platform starts, and one after a drill has killed a worker."""
    return next(number for number in range(1000) if first_time(f"start-{number}")) >= _STARTS_BEFORE


def happened(what: str) -> bool:
    """Whether `first_time` was called with `what`."""
    return _note(what).exists()


def _note(what: str) -> Path:
    return Path(os.environ["DEFECT_FOLDER"]) / f"{what}.happened"
