"""The processes of a run on this machine: its own, and those of an embedded platform."""

import os

from pytest_examday.runtimes.embedded_state import read_state
from pytest_examday.target.target import Target

_MODULE = "pytest_examday.platform"


def own_processes(target: Target) -> tuple[int, ...] | None:
    """The ids of the processes from which all others of the run and of its embedded platform descend; None if the
    platform is not the embedded one, or if it runs elsewhere, for instance in a container: then its work cannot be
    distinguished from that of others.

    Raises Unmeasurable if the platform's state file is missing or damaged.
    """
    path = target.embedded.state_path
    if path is None:
        return None
    supervisor = read_state(path).supervisor_pid
    return (target.watch_pid, os.getpid(), supervisor) if _is_platform(supervisor) else None


def _is_platform(pid: int) -> bool:
    """Whether the process of this id is an embedded platform, and not a later process with the same id."""
    import psutil

    try:
        return _MODULE in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
