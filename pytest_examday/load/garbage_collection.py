"""Settings of Python's garbage collector for a load process, whose objects nearly all live until it ends."""

import gc

_YOUNG_OBJECTS = 50_000
"""New objects between two collections. Few of them are parts of cycles, so that a collection seldom finds anything."""


def collect_garbage_rarely() -> None:
    """Avoid pauses in which the collector walks through all actors.

    Objects that exist at the call are never collected again, later ones seldom. To be called once the actors are made,
    in a process that does nothing else.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 20, 100)
