"""Starts and ends child processes that do not outlive the supervisor."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Command:
    """How to start one process.

    ``environment`` is complete: nothing is added to it. Of this process's open files, only ``inherited`` reach the new
    process.
    """

    argv: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    log: Path
    death_signal: signal.Signals = signal.SIGKILL
    user: str | None = None
    directory: Path | None = None
    inherited: Sequence[int] = ()


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """A ``preexec_fn``: the kernel sends ``death_signal`` to the new process when the thread that started it ends.

    It must run after a change of user, which would reset the setting. It also covers a parent that died before the
    setting was made.
    """
    parent = os.getpid()

    def arrange() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:
            os._exit(1)

    return arrange


def spawn(command: Command) -> subprocess.Popen[bytes]:
    """Start the process in a session of its own, so that Ctrl-C at the terminal does not reach it."""
    descriptor = os.open(command.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return subprocess.Popen(
            list(command.argv),
            env=dict(command.environment),
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            cwd=command.directory,
            pass_fds=command.inherited,
            start_new_session=True,
            preexec_fn=die_with_parent(command.death_signal),  # noqa: PLW1509 (spawned from the main thread)
            user=command.user,
            group=command.user,
            extra_groups=None if command.user is None else [],
        )
    finally:
        os.close(descriptor)


def family(pid: int) -> list[psutil.Process]:
    """The process and all its living descendants."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def kill_all(victims: Sequence[psutil.Process], *, wait_seconds: float = 10.0) -> None:
    """Send SIGKILL to the processes and wait until all are gone."""
    for victim in victims:
        try:
            victim.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(victims, timeout=wait_seconds)


def processes_in(directory: Path) -> list[psutil.Process]:
    """Processes whose working directory lies in ``directory``."""
    processes = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()).is_relative_to(directory):
                processes.append(process)
        except psutil.Error:
            continue
    return processes


def is_alive(pid: int) -> bool:
    """Whether the process ``pid`` runs; a zombie does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
