"""Room on the disk for the verdict and the report of a run that fills it."""

import os
from pathlib import Path

_NAME = ".room-for-the-report"
_BYTES = 4 * 1024 * 1024


def reserve_room(directory: Path) -> None:
    """Keep some megabytes of the disk until `use_room`. Raises OSError if there are none."""
    try:
        (directory / _NAME).write_bytes(os.urandom(_BYTES))  # zeros may take no room
    except OSError:
        use_room(directory)
        raise


def use_room(directory: Path) -> None:
    """Give the reserved room back, so that the verdict and the report can be written."""
    (directory / _NAME).unlink(missing_ok=True)
