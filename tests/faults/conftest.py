"""Tests of faults have a platform to disturb, and leave no watchdog behind."""

from tests.faults.fixtures import fake, journal, no_watchdog_left, own_states, target

__all__ = ["fake", "journal", "no_watchdog_left", "own_states", "target"]
