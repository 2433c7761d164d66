"""The run directory: evidence files, progress, and text without secrets."""
