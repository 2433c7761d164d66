"""The processes of a run on this machine: its own, and those of an embedded platform."""

import os

from pytest_examday.runtimes.platform_state import read_state
from pytest_examday.target.target import Target


def own_processes(target: Target) -> tuple[int, ...] | None:
    """The ids of the processes from which all others of the run and of its embedded platform descend; None where the
    platform is not the embedded one, and so perhaps on another machine.

    Raises Unmeasurable where the platform is not running.
    """
    path = target.embedded.state_path
    return None if path is None else (target.watch_pid, os.getpid(), read_state(path).supervisor_pid)
