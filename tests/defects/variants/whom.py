"""Whom a variant hits, and how often."""

import os
from functools import cache
from pathlib import Path
from uuid import UUID

from pytest_examday.platform.seeding import stable_id

LOAD = frozenset(stable_id("candidate", number) for number in range(2, 32))
"""The load's candidates; those of the drills and the probes are left in peace."""


_STARTS_BEFORE = 3


def candidate(number: int) -> UUID:
    """The user id of `candidate-<number>`."""
    return stable_id("candidate", number)


def first_time(what: str) -> bool:
    """Whether this has never happened on this platform, in whichever worker and however often it was started."""
    try:
        _note(what).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


@cache
def all_restarted() -> bool:
    """Whether this worker was started by a restart of all workers: two of them start, and one again when it was
    killed, before that."""
    return next(number for number in range(1000) if first_time(f"start-{number}")) >= _STARTS_BEFORE


def happened(what: str) -> bool:
    """Whether somebody has called it the first time."""
    return _note(what).exists()


def _note(what: str) -> Path:
    return Path(os.environ["DEFECT_FOLDER"]) / f"{what}.happened"
