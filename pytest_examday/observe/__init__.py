"""Reads what a platform tells of itself: its logs, its metrics, its connection pool."""
