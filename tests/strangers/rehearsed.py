"""Rehearses a stranger as a user would, by the configuration beside it alone."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.limits import thresholds
from tests.runs import PYTEST
from tests.strangers.known import State, Stranger

CHECK = (sys.executable, "-m", "pytest_examday", "check", "--env", "stranger")
CLEAN = (sys.executable, "-m", "pytest_examday", "clean", "rehearsals/latest", "--env", "stranger")
GATES = (*PYTEST, "--env", "stranger", "-m", "gates")
_ROOT = Path(__file__).parents[2]


def configured(stranger: Stranger, folder: Path, **limits: float) -> Path:
    """The configuration of this stranger, copied into the folder."""
    file = folder / "examday.toml"
    text = (Path(__file__).parent / stranger.name / "examday.toml").read_text()
    file.write_text(text + "\n" + thresholds("stranger", **limits))
    return file


def run(command: tuple[str, ...], stranger: Stranger, state: State, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in the folder, with the variables that the stranger's configuration needs."""
    own = {
        **stranger.variables(state),
        "STRANGER_FOLDER": str(Path(state["file"]).parent),
        "STRANGER_SERVICE": f"{sys.executable} -m tests.strangers.service",
        "PYTHONPATH": str(_ROOT),
        "COLUMNS": "2000",
    }
    left_out = ("API_URL", "AUTH_TOKEN", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST")
    inherited = {name: value for name, value in os.environ.items() if name not in left_out}
    return subprocess.run(
        command, cwd=folder, env={**inherited, **own}, capture_output=True, text=True, check=False, timeout=600
    )


def judged(folder: Path) -> tuple[str, dict[str, dict[str, Any]]]:
    """The verdict of the last rehearsal in the folder, and its gates by name."""
    verdict = json.loads((folder / "rehearsals" / "latest" / "verdict.json").read_text())
    return verdict["verdict"], {gate["name"]: gate for gate in verdict["gates"]}


def not_passed(gates: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The reasons of the gates that did not pass."""
    return {name: gate["reason"] for name, gate in gates.items() if gate["outcome"] != "pass"}
