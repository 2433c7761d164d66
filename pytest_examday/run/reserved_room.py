"""Room on the disk for the verdict and the report of a run that fills it."""

import os
from pathlib import Path

_NAME = ".room-for-the-report"
_BYTES = 4 * 1024 * 1024


def reserve_room(directory: Path) -> None:
    """Take some megabytes of the disk for the time until `release_room`. Raises OSError if there are none."""
    try:
        (directory / _NAME).write_bytes(os.urandom(_BYTES))  # zeros may take no room
    except OSError:
        release_room(directory)
        raise


def release_room(directory: Path) -> None:
    """Remove the file that takes the room, so that the verdict and the report can be written."""
    (directory / _NAME).unlink(missing_ok=True)
