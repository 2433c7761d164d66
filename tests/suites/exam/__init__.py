"""The exam suite."""
