"""Reads a text file that a user has named. If it cannot be read, the words say why; reading never blocks."""

import errno
import os
import stat
from pathlib import Path

LONGEST = 256 * 1024 * 1024
"""The most bytes of a file. A million accounts with tokens are fewer."""
_IN_WORDS = {
    errno.ENOENT: "no such file",
    errno.ENOTDIR: "no such file",
    errno.EACCES: "cannot be read: permission denied",
    errno.EPERM: "cannot be read: permission denied",
    errno.ELOOP: "cannot be read: its links lead in a circle",
    errno.ENAMETOOLONG: "cannot be read: the name is too long",
}


class UnreadableFile(Exception):
    """A file that cannot be read; the message is the reason, without the name."""


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, without a byte order mark; line ends are as in the file. Raises UnreadableFile."""
    try:
        # A FIFO would block for ever, and a device may have no end.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        try:
            kind = os.fstat(descriptor)
            if stat.S_ISDIR(kind.st_mode):
                raise UnreadableFile("cannot be read: it is a folder")
            if not stat.S_ISREG(kind.st_mode):
                raise UnreadableFile("cannot be read: it is no regular file")
            if kind.st_size > LONGEST:
                raise UnreadableFile(f"cannot be read: it is longer than {LONGEST // 1024**2} MiB")
            with open(descriptor, "rb", closefd=False) as file:
                return file.read().decode("utf-8-sig")
        finally:
            os.close(descriptor)
    except UnicodeDecodeError as problem:
        raise UnreadableFile(f"cannot be read: byte {problem.start} is no UTF-8 text") from None
    except OSError as problem:
        reason = _IN_WORDS.get(problem.errno or 0, f"cannot be read: {problem.strerror}")
        raise UnreadableFile(reason) from None
    except ValueError:  # a NUL in the name
        raise UnreadableFile("cannot be read: no file has such a name") from None


def is_there(path: Path) -> bool:
    """Whether there is something of this name, whatever it is. True also if nobody can tell; the attempt to read it
    then gives the reason."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        return True
    return True
