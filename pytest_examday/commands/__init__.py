"""What `python -m pytest_examday` can do beside a run of pytest: a module for each command, listed in `__main__`."""
