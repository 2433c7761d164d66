"""Temporary folders that are removed when the process that made them ends, however it ends: they may hold
credentials."""

import atexit
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

_REMOVE = (
    'cat >/dev/null; folder=$1; shift; for pid; do while kill -0 "$pid" 2>/dev/null; do sleep 1; done; done; '
    'rm -rf -- "$folder"'
)
"""Waits for the end of the pipe, which is that of this process, then for those that still use the folder."""
_WATCHDOGS: dict[Path, "subprocess.Popen[bytes]"] = {}
"""The processes that will remove a folder. They are kept because the end of their pipe is what they wait for."""


def vanish_after(folder: Path, users: Iterable[int] = ()) -> None:
    """Have the folder removed when this process and all `users` (ids of processes) have ended."""
    pids = map(str, users)
    _WATCHDOGS[folder] = subprocess.Popen(
        ["/bin/sh", "-c", _REMOVE, "sh", str(folder), *pids],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def remove_now(folder: Path) -> None:
    """Remove the folder at once."""
    shutil.rmtree(folder, ignore_errors=True)
    watchdog = _WATCHDOGS.pop(folder, None)
    if watchdog is not None:
        watchdog.kill()
        watchdog.communicate()


@atexit.register
def _leave_to_watchdogs() -> None:
    """End the pipes of the watchdogs, which then do their work: this process waits for none of them."""
    for watchdog in _WATCHDOGS.values():
        if watchdog.stdin is not None:
            watchdog.stdin.close()
        watchdog.returncode = 0  # so that Python warns of no process that still runs
