"""Python's garbage collector in a process whose objects nearly all live as long as the load does."""

import gc

_YOUNG_OBJECTS = 50_000
"""Requests under way make objects that end without the collector's help; only now and then it is worth a look."""


def calm_collector() -> None:
    """Spare actors the pauses in which the collector looks through all of them: what is there now is never
    looked at again, what comes later seldom. For a process of its own, once its actors are made."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 20, 100)
