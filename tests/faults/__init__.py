"""Tests of faults: journal, lease, undo, watchdog, healing."""
