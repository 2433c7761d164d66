"""Runs the embedded platform: ``python -m pytest_examday.platform``."""

import sys

from pytest_examday.platform.cli import main

if __name__ == "__main__":
    sys.exit(main())
