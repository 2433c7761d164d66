"""The commands of the tutorial, as they are written there, in an empty folder with a virtual environment of its own."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.limits import thresholds
from tests.waiting import wait_until

_TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"
_BLOCK = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
_PLATFORM = "/tmp/exam"  # the folder that the tutorial names


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it printed."""

    status: int
    output: str


class Reader:
    """Somebody who follows the tutorial, with a wheel in place of the package index."""

    def __init__(self, folder: Path, wheels: Path) -> None:
        self.folder = folder
        self._platform = folder / "exam"
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
        links = " ".join(filter(None, (str(wheels), os.environ.get("PIP_FIND_LINKS"))))
        self._variables = {**plain, "PIP_FIND_LINKS": links}

    def run(self, block: str) -> Done:
        """Run a block in the shell."""
        done = subprocess.run(
            ["/bin/sh", "-ec", self._here(block)],
            cwd=self.folder,
            env=self._variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            check=False,
        )
        return Done(done.returncode, done.stdout)

    @contextmanager
    def running(self, block: str) -> Iterator[None]:
        """Run a block in a second terminal, until Ctrl-C."""
        terminal = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {self._here(block)}"],
            cwd=self.folder,
            env=self._variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until((self._platform / "platform.json").exists, 120)
            yield
        finally:
            terminal.send_signal(signal.SIGINT)
            terminal.wait(60)

    def write(self, name: str, block: str) -> None:
        """Write a block into a file."""
        (self.folder / name).write_text(self._here(block))

    def _here(self, block: str) -> str:
        return block.replace(_PLATFORM, str(self._platform))


@pytest.fixture
def reader(checkout: Path, tmp_path: Path) -> Reader:
    """The reader, in an empty folder."""
    wheels, folder = tmp_path / "wheels", tmp_path / "folder"
    building = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(wheels), str(checkout)]
    subprocess.run(building, check=True, capture_output=True, timeout=300)
    folder.mkdir()
    return Reader(folder, wheels)


def test_the_tutorial_leads_to_what_it_shows(reader: Reader) -> None:
    """Limits of time are wide, because other tests use the same processors."""
    blocks = _BLOCK.findall(_TUTORIAL.read_text())
    kinds = [kind for kind, _ in blocks]
    assert kinds == ["sh", "", "sh", "sh", "toml", "sh", "", "sh", ""]
    first, _, platform, plant, configuration, gates, _, phase, no_verdict = (text for _, text in blocks)

    reader.write("examday.toml", thresholds("local"))
    done = reader.run(first)
    assert (done.status, "VERDICT: GO, on the embedded platform" in done.output) == (0, True), done.output
    assert (reader.folder / "rehearsals/latest/report.html").exists()

    with reader.running(platform):
        assert reader.run(plant) == Done(0, "")
        reader.write("examday.toml", configuration + thresholds("mine"))
        done = reader.run(gates)
    assert (done.status, "VERDICT: NO-GO, on the embedded platform" in done.output) == (1, True), done.output
    failed = re.findall(r"^  (?:FAIL|INCONCLUSIVE) (\S+)", done.output, re.MULTILINE)
    assert failed == ["zero-data-loss"], done.output
    assert "acknowledged answers lost: 1 (first: candidate-0004@exam.example" in done.output
    assert "candidates: 80, harmed: 1" in done.output

    reader.write("examday.toml", thresholds("local"))
    done = reader.run(phase)
    assert (done.status, no_verdict.strip() in done.output) == (0, True), done.output
