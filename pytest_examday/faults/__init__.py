"""Faults that always end: journal, lease, undo, watchdog and healing. This package knows no suite."""
