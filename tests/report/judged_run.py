"""A run of pytest in this process that judges evidence, and everything that it left."""

import contextlib
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import tests.imported_once  # noqa: F401 # keeps modules between runs

_QUIET = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "--capture=no", "--assert=plain")
_REHEARSAL_ALONE = ("--pyargs", "pytest_examday.suites")


@dataclass(eq=False)
class Heard:
    """What pytest itself says of every test: by node id the words of its failure, None if it passed."""

    tests: dict[str, str | None] = field(default_factory=dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what the call says, and what went wrong beside it."""
        if report.when == "call" or not report.passed:
            self.tests[report.nodeid] = None if report.passed else str(report.longrepr)


@dataclass(frozen=True)
class JudgedRun:
    """A finished run."""

    exit_status: int
    directory: Path
    tests: dict[str, str | None]
    terminal: str

    @property
    def verdict(self) -> dict[str, Any]:
        """`verdict.json`."""
        loaded: dict[str, Any] = json.loads(self.read("verdict.json"))
        return loaded

    def read(self, name: str) -> str:
        """A file of the run directory."""
        return (self.directory / name).read_text(encoding="utf-8")


def judge(earlier: Path, directory: Path, *plugins: object, options: tuple[str, ...] = ()) -> JudgedRun:
    """Judge the evidence of a run directory in a run of the rehearsal alone, with these plugins."""
    heard, terminal = Heard(), io.StringIO()
    own = [f"--rootdir={earlier.parent}", "-c", str(earlier.parent / "none.ini"), "-o", "addopts="]
    (earlier.parent / "none.ini").touch()
    chosen = ["--env=local", f"--examday-evidence={earlier}", f"--examday-dir={directory}", *options]
    # In the checkout the plugin would search all of its files for gates.
    with contextlib.redirect_stdout(terminal), contextlib.chdir(earlier.parent):
        exit_status = pytest.main([*own, *_QUIET, *_REHEARSAL_ALONE, *chosen], plugins=[heard, *plugins])
    return JudgedRun(int(exit_status), directory, heard.tests, terminal.getvalue())
