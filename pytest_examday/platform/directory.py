"""The platform's directory: made, owned by one supervisor at a time, cleared of what a killed one left."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_examday.platform.layout import Layout
from pytest_examday.platform.platform_error import PlatformError


@contextmanager
def owned(layout: Layout) -> Iterator[None]:
    """Own the directory for the length of the block; the kernel ends the ownership with the process.

    PlatformError: a platform is alive there, or the directory cannot be written.
    """
    try:
        layout.root.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(layout.lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise PlatformError(f"cannot use {layout.root}: {error.strerror}") from error
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
        raise PlatformError(f"a platform is already running on {layout.root} (pid {holder})") from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)


def prepare(layout: Layout) -> None:
    """Make the folders; remove what must not outlive its supervisor."""
    _forget_predecessor(layout)
    shutil.rmtree(layout.metrics, ignore_errors=True)
    try:
        for folder in (layout.logs, layout.metrics):
            folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise PlatformError(f"cannot use {layout.root}: {error.strerror}") from error


def _forget_predecessor(layout: Layout) -> None:
    """A killed supervisor leaves its state file and the folder of its control socket."""
    try:
        control = Path(json.loads(layout.state.read_text())["control"])
    except (OSError, ValueError, KeyError):
        return
    if control.name == "control.sock" and control.parent.name.startswith("examday-"):
        shutil.rmtree(control.parent, ignore_errors=True)
    layout.state.unlink()
