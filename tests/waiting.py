"""Waiting for what a process, a thread or a service brings about."""

import time
from collections.abc import Callable

SECONDS = 60.0
"""Far more than anything takes: a machine that is busy with something else makes a test late and not red."""


def wait_until(condition: Callable[[], object], seconds: float = SECONDS) -> None:
    """Fail if the condition does not become true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)
