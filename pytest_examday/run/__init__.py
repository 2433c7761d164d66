"""The run directory: evidence files, live progress, and the removal of secrets."""
