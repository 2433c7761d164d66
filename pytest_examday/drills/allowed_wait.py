"""How long actors may wait while a drill runs."""


def allowed_wait(limit_seconds: float, held_seconds: float, *, outage: bool) -> float:
    """The seconds that an actor may wait for one action; a longer wait is harm. In an outage nobody can be served, so
    the time for which the fault is held is added to the limit."""
    return limit_seconds + (held_seconds if outage else 0.0)
