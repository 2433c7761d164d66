"""Real rehearsals on the embedded platform, as small as they can be and still measure."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.platform.platform_harness import Platform, processes_of
from tests.pytest_command import PYTEST

_PROFILE = """
[profile.smoke.load]
candidates = {candidates}
arrive_seconds = {step}
answer_seconds = {answer}
submit_seconds = {step}
questions = 8
ramp_seconds = 0.5
window_seconds = {window}
habits = {{ think_seconds = [0.2, 0.5] }}

[profile.smoke.drill]
candidates = {drilled}
steady_seconds = {around}
hold_seconds = {hold}
settle_seconds = {around}
habits = {{ think_seconds = [0.1, 0.3] }}
"""
TINY = _PROFILE.format(candidates=30, step=2, answer=3, window=1, drilled=6, around=1.5, hold=2)
SMALL = _PROFILE.format(candidates=15, step=1, answer=2, window=0.5, drilled=5, around=0.8, hold=1.5)
"""Still smaller; further keys of a drill may follow, in both."""


class Started:
    """A run of pytest that goes on while the test watches and disturbs it."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        config: str = TINY,
        test: str | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        (folder / "examday.toml").write_text(config)
        if test is not None:
            (folder / "test_own.py").write_text(test)
        self.folder = folder
        self.output = folder / "output.txt"
        command = [*PYTEST, *arguments]
        # A shell that starts the tests in the background has SIGINT ignored, and a child would inherit that.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, **(variables or {})},
            )
        signal.signal(signal.SIGINT, before)

    @property
    def directory(self) -> Path:
        """The run directory; the link `latest` leads only to one that measured."""
        runs = self.folder / "rehearsals"
        latest = runs / "latest"
        judged = () if latest.is_symlink() else tuple(runs.glob("*"))
        return judged[0].resolve() if judged else latest.resolve()

    @property
    def verdict(self) -> dict[str, Any]:
        """`verdict.json`."""
        loaded: dict[str, Any] = json.loads((self.directory / "verdict.json").read_text())
        return loaded

    def record(self, activity: str) -> dict[str, Any]:
        """What an activity has measured."""
        evidence = json.loads((self.directory / "evidence" / f"{activity}.json").read_text())
        assert evidence["unmeasured"] is None
        record: dict[str, Any] = evidence["record"]
        return record

    def wait(self, seconds: float = 800) -> int:
        """The exit status."""
        return self.process.wait(seconds)

    def wait_for(self, text: str, seconds: float = 300) -> None:
        """Wait until the output shows it."""
        deadline = time.monotonic() + seconds
        while text not in self.output.read_text(errors="replace"):
            assert time.monotonic() < deadline, self.output.read_text(errors="replace")
            assert self.process.poll() is None, self.output.read_text(errors="replace")
            time.sleep(0.1)

    def interrupt(self) -> None:
        """What Ctrl-C at a terminal does: SIGINT to the foreground process group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def platform_directory(self) -> Path:
        """Where the embedded platform of the run keeps its data."""
        return Path(json.loads((self.directory / ".platform").read_text())["directory"])

    def kill(self) -> None:
        """End it whatever it does."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Any]:
    """Starts runs of pytest; none of them outlives the test."""
    runs: list[Started] = []

    def start(*arguments: str, config: str = TINY, test: str | None = None) -> Started:
        runs.append(Started(tmp_path, *arguments, config=config, test=test))
        return runs[-1]

    yield start
    for run in runs:
        run.kill()


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform that is up, to attach to."""
    directory = tmp_path_factory.mktemp("attached")
    running = Platform(directory, "--candidates", 400)
    yield running
    running.end()


def nothing_left(*directories: Path) -> bool:
    """No process mentions these directories or is a load of ours; waits a little, because an end takes time."""
    deadline = time.monotonic() + 60
    while any(processes_of(directory) for directory in directories):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def loads_of(directory: Path) -> list[psutil.Process]:
    """Load processes that write into this run directory."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        try:
            if "pytest_examday.suites.exam.load.candidates_process" in (process.info["cmdline"] or []):
                open_files = [file.path for file in process.open_files()]
                if any(str(directory) in path for path in open_files):
                    found.append(process)
        except psutil.Error:
            continue  # it ended while it was looked at
    return found
