"""The directory of an embedded service: one supervisor at a time owns it."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_examday.local_servers.layout import Layout
from pytest_examday.local_servers.local_server_error import LocalServerError


@contextmanager
def owned(layout: Layout) -> Iterator[None]:
    """Own the directory during the block. The kernel ends the ownership when the process ends.

    Raises LocalServerError if another supervisor owns it, it cannot be written, or it holds files of somebody else.
    """
    try:
        layout.root.mkdir(parents=True, exist_ok=True)
        if not layout.lock.exists() and any(layout.root.iterdir()):
            raise LocalServerError(
                f"{layout.root} is not empty and holds no {layout.name}; choose an empty or new folder"
            )
        descriptor = os.open(layout.lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise LocalServerError(f"cannot use {layout.root}: {error.strerror}") from error
    try:
        _lock(descriptor, layout)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, layout: Layout) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(descriptor, 32, 0).decode().strip() or "unknown"
        raise LocalServerError(f"a {layout.name} is already running on {layout.root} (pid {holder})") from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)


def prepare(layout: Layout) -> None:
    """Create the folders, and remove files that a killed supervisor has left."""
    _forget_predecessor(layout)
    shutil.rmtree(layout.metrics, ignore_errors=True)
    try:
        for folder in (layout.logs, layout.metrics):
            folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise LocalServerError(f"cannot use {layout.root}: {error.strerror}") from error


def _forget_predecessor(layout: Layout) -> None:
    """Remove the state file and the folder of the control socket that a killed supervisor has left."""
    try:
        control = Path(json.loads(layout.state.read_text(encoding="utf-8"))["control"])
    except (OSError, ValueError, KeyError):
        return
    if control.name == "control.sock" and control.parent.name.startswith("examday-"):
        shutil.rmtree(control.parent, ignore_errors=True)
    layout.state.unlink()
