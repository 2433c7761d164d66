"""The embedded platform as a runtime: started by the rehearsal or attached to by its state file."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from pytest_examday.contract.model import Record
from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.base import Ran

_START_SECONDS = 60
_STOP_SECONDS = 30
_T = TypeVar("_T")


class AccountState(Record):
    """A login that the platform made for the rehearsal."""

    email: str
    password: str


class CandidateState(AccountState):
    """The candidates' logins: `email` with `{n}`, counted from 1."""

    count: int


class PlatformState(Record, extra="ignore"):
    """What `platform.json` says (design page: "the embedded platform alone")."""

    api_url: str
    database_url: str
    redis_url: str
    log_files: tuple[str, ...]
    control: str
    supervisor_pid: int
    workers: dict[str, int | None]
    admin: AccountState
    candidates: CandidateState
    pool: dict[str, int]


def read_state(path: Path) -> PlatformState:
    """The state of a running platform; raises Unmeasurable where there is none."""
    try:
        return PlatformState.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise Unmeasurable(f"no platform is running: {path} does not exist") from None
    except (OSError, ValidationError) as problem:
        raise Unmeasurable(f"{path}: not a platform's state: {str(problem).splitlines()[0]}") from None


class PlatformRuntime:
    """Stops and starts the services of the embedded platform through its control socket."""

    kind = "platform"

    def __init__(self, state: Path) -> None:
        self._state = state
        self._status_path = read_state(state).control

    def services(self) -> tuple[str, ...]:
        """Every service by name."""
        return tuple(self._status()["services"])

    def workers(self) -> tuple[str, ...]:
        """The API's worker processes."""
        return tuple(self._status()["workers"])

    def running(self, service: str) -> bool:
        """Whether the service has a live process."""
        status = self._status()
        return {**status["services"], **status["workers"]}.get(service) is not None

    def stop(self, service: str) -> None:
        """Stop it in the ordinary way."""
        self._do(lambda control: control.stop(service))

    def kill(self, service: str) -> None:
        """SIGKILL."""
        self._do(lambda control: control.kill(service))

    def start(self, service: str) -> None:
        """Start it and wait until it is up."""
        self._do(lambda control: control.start(service))

    def environment(self, service: str) -> dict[str, str]:
        """The variables of the live process."""
        return self._do(lambda control: dict(control.environment(service)))

    def processes(self) -> tuple[str, ...]:
        """The command lines of everything below the platform's supervisor."""
        import psutil

        try:
            children = psutil.Process(read_state(self._state).supervisor_pid).children(recursive=True)
        except psutil.NoSuchProcess:
            raise Unmeasurable("the platform's supervisor is gone") from None
        return tuple(line for child in children if (line := _command_line(child)))

    def run_job(self, name: str) -> Ran:
        """Run the job as the platform's scheduler would."""
        ended = self._do(lambda control: control.run_job(name))
        return Ran(int(ended["exit_status"]), str(ended["output"]))

    def log_files(self) -> tuple[str, ...]:
        """The workers' log files."""
        return read_state(self._state).log_files

    def _status(self) -> dict[str, Any]:
        return self._do(lambda control: dict(control.status()))

    def _do(self, act: Callable[[Any], _T]) -> _T:
        from pytest_examday.platform.control import Control, ControlError

        try:
            return act(Control(self._status_path))
        except (ControlError, OSError) as problem:
            raise Unmeasurable(f"the platform's control did not do it: {problem}") from None


def _command_line(process: Any) -> str:
    import psutil

    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""  # it ended between listing and reading


@dataclass(frozen=True)
class Started:
    """A platform that this rehearsal started, and must stop."""

    directory: Path
    pid: int

    @property
    def state(self) -> Path:
        """Its state file."""
        return self.directory / "platform.json"


def start_embedded(note: Path, workers: int, watch_pid: int, log: Path) -> Started:
    """Start the embedded platform, once for all processes of the run; `note` remembers it.

    It ends by itself when `watch_pid` is gone. Its data live outside the run directory, which is an artifact.
    Raises Unmeasurable with the platform's own last line where it does not come up.
    """
    if note.exists():
        return started_from(note)
    directory = Path(tempfile.mkdtemp(prefix="examday-"))
    command = [sys.executable, "-m", "pytest_examday.platform", "--dir", str(directory)]
    command += ["--workers", str(workers), "--watch-pid", str(watch_pid), "--discard"]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    started = Started(directory, process.pid)
    note.write_text(json.dumps({"directory": str(directory), "pid": process.pid}))
    deadline = time.monotonic() + _START_SECONDS
    while not started.state.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            lines = log.read_text(errors="replace").strip().splitlines()
            raise Unmeasurable(f"the embedded platform did not start: {lines[-1] if lines else 'it said nothing'}")
        time.sleep(0.1)
    return started


def started_from(note: Path) -> Started:
    """The platform that a note of this run remembers."""
    values = json.loads(note.read_text())
    return Started(Path(values["directory"]), int(values["pid"]))


def stop_embedded(note: Path, logs: Path) -> None:
    """Stop the platform of this run, keep its logs, remove its data; nothing happens where none was started."""
    if not note.exists():
        return
    started = started_from(note)
    _end(started.pid)
    for log in (started.directory / "logs").glob("*.log"):
        shutil.copy2(log, logs / log.name)
    shutil.rmtree(started.directory, ignore_errors=True)
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
