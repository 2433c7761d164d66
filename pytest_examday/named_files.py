"""Opens files that a user names, and those of a run directory: regular files only, because others may have no end."""

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

LONGEST = 256 * 1024 * 1024
"""Bytes of a file that is read whole. A million accounts with tokens are fewer."""


def open_file(path: Path) -> BufferedReader:
    """The file, opened for reading. Raises OSError, whose `strerror` says why it cannot be read."""
    try:
        # A FIFO would block for ever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except ValueError:  # a NUL in the name
        raise OSError(errno.EINVAL, "no file has such a name") from None
    kind = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(kind):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is a folder" if stat.S_ISDIR(kind) else "it is no regular file")
    return os.fdopen(descriptor, "rb")


def read_file(path: Path) -> bytes:
    """The contents of the file. Raises OSError as `open_file` does, and for a file of more than 256 MiB."""
    with open_file(path) as file:
        size = os.fstat(file.fileno()).st_size
        content = file.read(LONGEST + 1) if size <= LONGEST else b""
    if size > LONGEST or len(content) > LONGEST:
        raise OSError(errno.EFBIG, f"it is longer than {LONGEST // 1024**2} MiB")
    return content


def is_file(path: Path) -> bool:
    """Whether the path leads to a regular file; no name is too long or too odd to be asked for."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether the path leads to a folder; no name is too long or too odd to be asked for."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False
