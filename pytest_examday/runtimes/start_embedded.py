"""Starts the embedded platform that a run needs, and stops it at the end of the run."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from pytest_examday.errors import Unmeasurable, UsageProblem
from pytest_examday.vanishing_folder import remove_now, vanish_after

_START_SECONDS = 60
_STARTED: list["subprocess.Popen[bytes]"] = []
"""The platforms that this process has started. They outlive the call that starts them; `stop_embedded` ends them."""
_STOP_SECONDS = 30


@dataclass(frozen=True)
class StartedPlatform:
    """An embedded platform that this run started and must stop."""

    directory: Path
    pid: int

    @property
    def state(self) -> Path:
        """The path of its state file."""
        return self.directory / "platform.json"


@dataclass(frozen=True)
class EmbeddedOptions:
    """The embedded platform that a rehearsal needs.

    `links` puts TCP links in front of PostgreSQL and Redis, `proxy` puts one in front of the workers; drills delay
    them.
    """

    workers: int
    candidates: int
    links: bool
    proxy: bool

    @property
    def options(self) -> tuple[str, ...]:
        """The options of its command line."""
        counts = ("--workers", str(self.workers), "--candidates", str(self.candidates))
        switches = {"--links": self.links, "--proxy": self.proxy}
        return (*counts, *(option for option, is_needed in switches.items() if is_needed))


def refuse_missing_packages() -> None:
    """Raise UsageProblem if the embedded platform could not start because packages are not installed."""
    from pytest_examday.platform.cli import check_packages
    from pytest_examday.platform.platform_error import PlatformError

    try:
        check_packages()
    except PlatformError as problem:
        raise UsageProblem(f"the embedded platform cannot start: {problem}") from None


def start_embedded(note: Path, needed: EmbeddedOptions, watch_pid: int, log: Path) -> StartedPlatform:
    """Start the embedded platform, once for all processes of the run; the file `note` remembers it.

    The platform ends by itself when the process `watch_pid` is gone. Its data lie outside the run directory, which is
    kept. Raises Unmeasurable, with the last line of the platform's output, if it does not come up within 60 s.
    """
    if note.exists():
        return started_from(note)
    directory = Path(tempfile.mkdtemp(prefix="examday-"))
    command = [sys.executable, "-m", "pytest_examday.platform", "--dir", str(directory)]
    command += [*needed.options, "--watch-pid", str(watch_pid), "--discard"]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    _STARTED.append(process)
    vanish_after(directory, (watch_pid, process.pid))  # if both are killed, nobody else would
    started = StartedPlatform(directory, process.pid)
    note.write_text(json.dumps({"directory": str(directory), "pid": process.pid}), encoding="utf-8")
    deadline = time.monotonic() + _START_SECONDS
    while not started.state.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise Unmeasurable(f"the embedded platform did not start: {lines[-1] if lines else 'it said nothing'}")
        time.sleep(0.1)
    return started


def started_from(note: Path) -> StartedPlatform:
    """The platform that the file `note` remembers."""
    values = json.loads(note.read_text(encoding="utf-8"))
    return StartedPlatform(Path(values["directory"]), int(values["pid"]))


def stop_embedded(note: Path, logs: Path) -> None:
    """Stop the platform of this run, copy its logs to `logs` and remove its data; does nothing if none was
    started."""
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
