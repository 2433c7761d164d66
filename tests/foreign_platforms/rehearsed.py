"""Rehearses a foreign platform as a user would, by the configuration beside it alone."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.foreign_platforms.platforms import ForeignPlatform, State
from tests.patient_thresholds import thresholds
from tests.pytest_command import PYTEST

CHECK = (sys.executable, "-m", "pytest_examday", "check", "--env", "foreign")
CLEAN = (sys.executable, "-m", "pytest_examday", "clean", "rehearsals/latest", "--env", "foreign")
GATES = (*PYTEST, "--env", "foreign", "-m", "gates")
_ROOT = Path(__file__).parents[2]


def configured(platform: ForeignPlatform, folder: Path, **limits: float) -> Path:
    """The configuration of this platform, copied into the folder."""
    file = folder / "examday.toml"
    text = (Path(__file__).parent / platform.name / "examday.toml").read_text()
    file.write_text(text + "\n" + thresholds("foreign", **limits))
    return file


def run(
    command: tuple[str, ...], platform: ForeignPlatform, state: State, folder: Path
) -> subprocess.CompletedProcess[str]:
    """Run a command in the folder, with the variables that the platform's configuration needs."""
    own = {
        **platform.variables(state),
        "PLATFORM_FOLDER": str(Path(state["file"]).parent),
        "PLATFORM_SERVICE": f"{sys.executable} -m tests.foreign_platforms.service",
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
