"""Settings of Python's garbage collector for a load process, whose objects nearly all live until it ends."""

import gc

_YOUNG_OBJECTS = 50_000
"""New objects between two collections. Few of them belong to cycles, so a collection seldom finds anything."""


def collect_garbage_rarely() -> None:
    """Avoid pauses in which the collector walks through all actors.

    Objects that exist at the call are never searched again, and later ones seldom. Call it after the actors are made,
    in a process that does nothing else.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 20, 100)
