"""Reads a text file that a user has named. If it cannot be read, the words say why; reading never blocks."""

import errno
from pathlib import Path

from pytest_examday.named_files import read_file

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
        return read_file(path).decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise UnreadableFile(f"cannot be read: byte {problem.start} is no UTF-8 text") from None
    except OSError as problem:
        reason = _IN_WORDS.get(problem.errno or 0, f"cannot be read: {problem.strerror}")
        raise UnreadableFile(reason) from None


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
