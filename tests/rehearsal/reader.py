"""Somebody who follows the tutorial: its blocks, and an empty folder with a virtual environment of its own."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.waiting import wait_until

_TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"
_BLOCK = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
_PLATFORM = "/tmp/exam"  # the folder that the tutorial names


def blocks() -> list[tuple[str, str]]:
    """Language and text of every block of the tutorial, in order."""
    return _BLOCK.findall(_TUTORIAL.read_text())


def not_printed(block: str, output: str) -> list[str]:
    """The lines that a block shows and that a program did not print in this order. Numbers may differ, `…` stands for
    any text, and a printed line may be longer: tests with wider limits are told so behind the verdict."""
    missing = []
    rest = output.splitlines()
    for line in filter(None, map(str.rstrip, block.splitlines())):
        parts = (re.sub(r"\d+", r"\\d+", re.escape(part)) for part in line.split("…"))
        pattern = re.compile(".*".join(parts))
        found = next((place for place, text in enumerate(rest) if pattern.match(text)), None)
        if found is None:
            missing.append(line)
        else:
            rest = rest[found + 1 :]
    return missing


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
        # Without PIP_NO_COMPILE, pip would compile far more modules than are imported.
        self._variables = {**plain, "PIP_FIND_LINKS": links, "PIP_NO_COMPILE": "1"}

    def run(self, block: str, variables: Mapping[str, str] | None = None) -> Done:
        """Run a block in the shell, with further variables."""
        done = subprocess.run(
            ["/bin/sh", "-ec", self._here(block)],
            cwd=self.folder,
            env={**self._variables, **(variables or {})},
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
