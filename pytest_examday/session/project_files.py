"""The Python files of a project, those that pytest does not collect among them."""

import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from pytest_examday.named_files import read_file

_LEFT_OUT = ("CVS", "_darcs", "node_modules", "site-packages", "__pycache__", ".*", "*.egg")
"""Folders that hold no tests of a project: packages of others, and what is hidden."""
_BUILT = ("lib", "lib.*", "bdist.*", "temp.*", "scripts-*")
"""What a folder `build` holds if setuptools has made it: copies of the project's files."""
_OF_ENVIRONMENTS = ("pyvenv.cfg", "conda-meta")
"""What a folder has that is a virtual environment, whatever its name is."""


def folders_of_project(config: pytest.Config) -> tuple[Path, ...]:
    """The folders in which a project's files are searched: those of pytest's configuration file and of `--rootdir`.

    Without a file, or with one that `-c` names, it is the folder in which pytest was started too. The root of the tests
    that pytest finds by itself may be a folder that holds other projects.
    """
    option = config.option
    folders = [] if config.inipath is None else [config.inipath.parent]
    folders += [config.rootpath] if option.rootdir else []
    folders += [config.invocation_params.dir] if config.inipath is None or option.inifilename else []
    real = dict.fromkeys(Path(os.path.realpath(folder)) for folder in folders)
    return tuple(
        folder for folder in real if not any(folder != other and folder.is_relative_to(other) for other in real)
    )


def python_files_below(folders: Iterable[Path]) -> Iterator[Path]:
    """The Python files below these folders, also behind links to folders, each folder once; not those of environments
    and built packages."""
    for folder in folders:
        seen = {_identity(folder)}
        for where, below, files in os.walk(folder, followlinks=True):
            here = Path(where)
            below[:] = [name for name in sorted(below) if _is_searched(here / name, folder, seen)]
            yield from (here / name for name in sorted(files) if name.endswith(".py"))


def _is_searched(path: Path, top: Path, seen: set[tuple[int, int]]) -> bool:
    """Whether the folder is searched; it is then among those that were `seen`. A link to a folder that holds the
    project too leads out of it."""
    left_out = (*_LEFT_OUT, *_BUILT) if path.parent.name == "build" else _LEFT_OUT
    if any(fnmatch(path.name, pattern) for pattern in left_out):
        return False
    if any((path / sign).exists() for sign in _OF_ENVIRONMENTS):
        return False
    if path.is_symlink() and top.is_relative_to(os.path.realpath(path)):
        return False
    identity = _identity(path)
    if identity in seen:
        return False
    seen.add(identity)
    return True


def _identity(folder: Path) -> tuple[int, int]:
    try:
        status = folder.stat()
    except OSError:
        return (0, 0)  # os.walk cannot enter it either
    return (status.st_dev, status.st_ino)


def content_of(path: Path) -> bytes:
    """The content of a file; empty for a file that is no regular one, or that cannot be read."""
    try:
        return read_file(path)
    except OSError:
        return b""
