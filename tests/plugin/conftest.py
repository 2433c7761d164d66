"""Runs of pytest with the plugin, judged from earlier evidence, inside this process so that each takes a moment."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpcore  # noqa: F401 # httpx keeps the exceptions of the httpcore that it met first; pytester drops what a run imports
import pytest

import tests.imported_once  # noqa: F401 # keeps modules between runs
from tests.plugin.pytest_server import PytestServer
from tests.pytest_command import PLUGINS, PYTEST
from tests.report.samples import write_run

_SECONDS = 240
"""How long a process of its own may take."""


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


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, go_run: Path) -> Iterator[PytestServer]:
    """Runs pytest in processes of their own, each in a moment."""
    folder = tmp_path_factory.mktemp("server")
    started = PytestServer(folder, *PLUGINS, "--env=local", f"--examday-evidence={go_run}", "-m", "gates")
    yield started
    started.close()


@pytest.fixture
def rehearse(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, go_run: Path, request: pytest.FixtureRequest
) -> Rehearse:
    """Runs `pytest --env local` in an empty folder on evidence that is GO; `files` are written there first. If the
    end of the process matters, or the run is interrupted, it is a process of its own: `apart`, with further
    `variables`; also a `fresh` one, which has imported nothing before."""

    def run(
        *arguments: str,
        files: dict[str, str] | None = None,
        cwd: str = ".",
        env: str | None = "local",
        apart: bool = False,
        fresh: bool = False,
        variables: dict[str, str] | None = None,
    ) -> Run:
        for name, text in (files or {}).items():
            (pytester.path / name).parent.mkdir(parents=True, exist_ok=True)
            (pytester.path / name).write_text(text)
        chosen = [] if env is None else [f"--env={env}", f"--examday-evidence={go_run}"]
        folder = pytester.path / cwd
        every = {**os.environ, **(variables or {})}
        if fresh:
            command = [*PYTEST, *chosen, *arguments]
            ended = subprocess.run(
                command, cwd=folder, env=every, capture_output=True, text=True, timeout=_SECONDS, check=False
            )
            return Run(ended.returncode, ended.stdout + ended.stderr, folder)
        if apart:
            server: PytestServer = request.getfixturevalue("server")
            status, output = server.run([*PLUGINS, *chosen, *arguments], folder, every, _SECONDS)
            return Run(status, output, folder)
        monkeypatch.chdir(folder)
        done = pytester.runpytest_inprocess(*PLUGINS, *chosen, *arguments)
        return Run(int(done.ret), done.stdout.str() + done.stderr.str(), folder)

    return run
