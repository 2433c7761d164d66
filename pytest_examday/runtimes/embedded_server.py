"""Starts a service that comes with the plugin for one run, and stops it at the end of the run."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_examday.errors import Unmeasurable
from pytest_examday.vanishing_folder import remove_now, vanish_after

_START_SECONDS = 60
_STARTED: list["subprocess.Popen[bytes]"] = []
"""The services that this process has started. They outlive the call that starts them; `stop_server` ends them."""
_STOP_SECONDS = 30


@dataclass(frozen=True)
class EmbeddedServer:
    """A service that comes with the plugin and that a run can start for itself."""

    module: str
    """It is started as `python -m MODULE --dir DIR`."""
    state_file: str
    """The name of the file in DIR that exists as soon as the service can be used."""
    title: str
    """Its name in messages."""
    note: str
    """The name of the file in the run directory that remembers that the run has started it."""


@dataclass(frozen=True)
class StartedServer:
    """A service that this run started and must stop."""

    directory: Path
    pid: int
    state_file: str

    @property
    def state(self) -> Path:
        """The path of its state file."""
        return self.directory / self.state_file


def start_server(
    server: EmbeddedServer, note: Path, options: Sequence[str], watch_pid: int, log: Path
) -> StartedServer:
    """Start the service, once for all processes of the run; the file `note` remembers it.

    It ends by itself when the process `watch_pid` is gone. Its data lie outside the run directory, which is kept.
    Raises Unmeasurable, with the last line of its output, if it does not come up within 60 s.
    """
    if note.exists():
        return started_from(note)
    directory = Path(tempfile.mkdtemp(prefix="examday-"))
    command = [sys.executable, "-m", server.module, "--dir", str(directory), *options]
    command += ["--watch-pid", str(watch_pid), "--discard"]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    _STARTED.append(process)
    vanish_after(directory, (watch_pid, process.pid))  # if both are killed, nobody else would
    started = StartedServer(directory, process.pid, server.state_file)
    values = {"directory": str(directory), "pid": process.pid, "state_file": server.state_file}
    note.write_text(json.dumps(values), encoding="utf-8")
    deadline = time.monotonic() + _START_SECONDS
    while not started.state.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise Unmeasurable(f"{server.title} did not start: {lines[-1] if lines else 'it said nothing'}")
        time.sleep(0.1)
    return started


def started_from(note: Path) -> StartedServer:
    """The service that the file `note` remembers."""
    values = json.loads(note.read_text(encoding="utf-8"))
    return StartedServer(Path(values["directory"]), int(values["pid"]), values["state_file"])


def stop_server(note: Path, logs: Path) -> None:
    """Stop the service that the file `note` remembers, copy its logs to `logs` and remove its data; does nothing if
    there is no such file."""
    if not note.exists():
        return
    started = started_from(note)
    _end(started.pid)
    for log in (started.directory / "logs").glob("*.log"):
        shutil.copy2(log, logs / log.name)
    remove_now(started.directory)
    note.unlink()


def _end(pid: int) -> None:
    import psutil

    try:
        process = psutil.Process(pid)
        process.send_signal(signal.SIGTERM)
        process.wait(_STOP_SECONDS)
    except psutil.NoSuchProcess:
        return  # it has ended by itself
    except psutil.TimeoutExpired:
        os.kill(pid, signal.SIGKILL)
