"""Faults that always end: journal, lease, undo, watchdog, healing. Knows no suite."""
