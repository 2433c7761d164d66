"""Runs of pytest with the plugin, judged from earlier evidence, inside this process so that each takes a moment."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpcore  # noqa: F401 # httpx keeps the exceptions of the httpcore that it met first; pytester drops what a run imports
import pytest

from tests.pytest_command import PLUGINS, PYTEST
from tests.report.samples import write_run


@dataclass(frozen=True)
class Run:
    """A finished run of pytest."""

    exit_status: int
    output: str
    folder: Path

    @property
    def directory(self) -> Path:
        """The newest run directory; `latest` is the newest that measured."""
        made = [path for path in (self.folder / "rehearsals").iterdir() if not path.is_symlink()]
        return max(made, key=lambda path: path.stat().st_ctime_ns)

    @property
    def verdict(self) -> dict[str, Any]:
        """Its `verdict.json`."""
        loaded: dict[str, Any] = json.loads((self.directory / "verdict.json").read_text())
        return loaded

    def gate(self, name: str) -> dict[str, Any]:
        """One gate of the verdict."""
        return next(gate for gate in self.verdict["gates"] if gate["name"] == name)


Rehearse = Callable[..., Run]


@pytest.fixture(scope="session")
def go_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run directory with evidence on which every gate passes."""
    directory = tmp_path_factory.mktemp("earlier") / "run"
    write_run(directory)
    return directory


@pytest.fixture
def rehearse(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, go_run: Path) -> Rehearse:
    """Runs `pytest --env local` in an empty folder on evidence that is GO; `files` are written there first. If the
    interpreter itself matters, or the run is interrupted, it is a process of its own: `apart`, with further
    `variables`."""

    def run(
        *arguments: str,
        files: dict[str, str] | None = None,
        cwd: str = ".",
        env: str | None = "local",
        apart: bool = False,
        variables: dict[str, str] | None = None,
    ) -> Run:
        for name, text in (files or {}).items():
            (pytester.path / name).parent.mkdir(parents=True, exist_ok=True)
            (pytester.path / name).write_text(text)
        chosen = [] if env is None else [f"--env={env}", f"--examday-evidence={go_run}"]
        folder = pytester.path / cwd
        if apart:
            command = [*PYTEST, *chosen, *arguments]
            ended = subprocess.run(
                command,
                cwd=folder,
                env={**os.environ, **(variables or {})},
                capture_output=True,
                text=True,
                timeout=240,
                check=False,
            )
            return Run(ended.returncode, ended.stdout + ended.stderr, folder)
        monkeypatch.chdir(folder)
        done = pytester.runpytest_inprocess(*PLUGINS, *chosen, *arguments)
        return Run(int(done.ret), done.stdout.str() + done.stderr.str(), folder)

    return run
