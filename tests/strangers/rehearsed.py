"""Rehearses a stranger as a user would, by the configuration beside it alone."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.limits import thresholds
from tests.runs import PYTEST
from tests.strangers.started import started

Variables = Callable[[Mapping[str, Any]], Mapping[str, str]]
"""The variables that the configuration of a stranger needs, from what the stranger says of itself."""
CHECK = (sys.executable, "-m", "pytest_examday", "check", "--env", "stranger")
GATES = (*PYTEST, "--env", "stranger", "-m", "gates")
_ROOT = Path(__file__).parents[2]


def configured(stranger: str, folder: Path, **limits: float) -> Path:
    """The folder, with the configuration of this stranger in it."""
    configuration = Path(__file__).parent / stranger / "examday.toml"
    (folder / "examday.toml").write_text(configuration.read_text() + "\n" + thresholds("stranger", **limits))
    return folder


def run(
    command: tuple[str, ...], state: Mapping[str, Any], folder: Path, variables: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command in the folder. `variables` are those that the configuration of the stranger needs beside the
    folder of the platform and the command for its services."""
    own = {
        **variables,
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


def require_nothing_wrong(stranger: str, state: Mapping[str, Any], folder: Path, variables: Variables) -> None:
    """`check` finds nothing wrong."""
    done = run(CHECK, state, configured(stranger, folder), variables(state))
    assert done.stdout.splitlines()[-1:] == ["nothing is wrong"], done.stdout + done.stderr
    assert done.returncode == 0


def require_go(stranger: str, state: Mapping[str, Any], folder: Path, variables: Variables) -> None:
    """Every gate passes."""
    done = run(GATES, state, configured(stranger, folder), variables(state))
    verdict, gates = judged(folder)
    assert not_passed(gates) == {}, done.stdout
    assert (verdict, done.returncode) == ("GO", 0)


def require_red(
    stranger: str, folder: Path, variables: Variables, defects: Mapping[str, tuple[str, str]], **limits: float
) -> None:
    """With all these defects at once, each turns its gate red for its own reason; `defects` has both by defect."""
    options = [part for defect in defects for part in ("--defect", defect)]
    with started(stranger, folder / "platform", "--exam-mode", *options) as state:
        done = run(GATES, state, configured(stranger, folder, **limits), variables(state))
    verdict, gates = judged(folder)
    assert (verdict, done.returncode) == ("NO-GO", 1)
    for gate, told in defects.values():
        assert gates[gate]["outcome"] == "fail", gates[gate]
        assert told in gates[gate]["reason"]
    assert gates["db-pool"]["outcome"] == gates["stable-under-load"]["outcome"] == "pass"
