"""Room on the disk for the verdict and the report of a run that fills it."""

import errno
import os
import shutil
from pathlib import Path

from pytest_examday.errors import UsageProblem

_NAME = ".room-for-the-report"
_BYTES = 4 * 1024 * 1024


def reserve_room(directory: Path) -> None:
    """Take some megabytes of the disk for the time until `release_room`.

    Raises UsageProblem, with what is needed and what is free, if the disk is too small or full; OSError for any other
    reason why they cannot be taken.
    """
    try:
        (directory / _NAME).write_bytes(os.urandom(_BYTES))  # zeros may take no room
    except OSError as problem:
        release_room(directory)
        free = shutil.disk_usage(directory).free
        if problem.errno == errno.ENOSPC and free < _BYTES:
            raise UsageProblem(
                f"run directory {directory}: a run needs {_BYTES / 1e6:.1f} MB for its verdict and report, "
                f"and {free / 1e6:.1f} MB are free there"
            ) from None
        raise


def release_room(directory: Path) -> None:
    """Remove the file that takes the room, so that the verdict and the report can be written."""
    (directory / _NAME).unlink(missing_ok=True)
