"""The watchdogs that a test has started."""

from contextlib import suppress

import psutil


def watchdogs() -> list[psutil.Process]:
    """Those that live. A child may end while it is looked at; psutil then says that it is a zombie or gone."""
    alive = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if child.status() != psutil.STATUS_ZOMBIE and "pytest_examday.faults.watchdog" in child.cmdline():
                alive.append(child)
    return alive
