"""One range of Pythons and pytests: package, linters, tox and the workflow of GitHub say the same."""

import configparser
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # one call of it is no reason for stubs


@pytest.fixture(scope="module")
def project(checkout: Path) -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((checkout / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def jobs(checkout: Path) -> dict[str, Any]:
    """The jobs of the workflow."""
    workflow = yaml.safe_load((checkout / ".github" / "workflows" / "ci.yml").read_text())
    found: dict[str, Any] = workflow["jobs"]
    return found


@pytest.fixture(scope="module")
def environments(checkout: Path) -> configparser.RawConfigParser:
    """tox.ini."""
    parser = configparser.RawConfigParser()
    parser.read(checkout / "tox.ini")
    return parser


def oldest_python(project: dict[str, Any]) -> str:
    return str(project["project"]["requires-python"]).removeprefix(">=")


def oldest_pytest(project: dict[str, Any]) -> str:
    (wanted,) = (line for line in project["project"]["dependencies"] if line.startswith("pytest>="))
    return str(wanted).removeprefix("pytest>=")


def test_the_matrix_begins_at_the_oldest_python_and_holds_those_of_the_classifiers(
    project: dict[str, Any], jobs: dict[str, Any]
) -> None:
    matrix = jobs["units"]["strategy"]["matrix"]["python"]
    told = re.findall(r"Python :: (3\.\d+)", "\n".join(project["project"]["classifiers"]))
    assert matrix == told
    assert matrix[0] == oldest_python(project)


def test_rehearsals_run_on_pythons_of_the_matrix(jobs: dict[str, Any]) -> None:
    rehearsed = set(jobs["rehearsal"]["strategy"]["matrix"]["python"])
    assert rehearsed
    assert rehearsed <= set(jobs["units"]["strategy"]["matrix"]["python"])


def test_the_matrix_begins_at_the_oldest_pytest_and_ends_at_the_newest(
    project: dict[str, Any], jobs: dict[str, Any]
) -> None:
    matrix = jobs["units"]["strategy"]["matrix"]["pytest"]
    oldest = oldest_pytest(project)
    assert matrix[0] == f"{oldest}.*"
    assert matrix[-1] == f"{oldest.split('.')[0]}.*"
    assert project["tool"]["pytest"]["minversion"] == oldest


def test_tox_tries_the_oldest_pytest(project: dict[str, Any], environments: configparser.RawConfigParser) -> None:
    assert environments["testenv:oldest"]["deps"] == f"pytest=={oldest_pytest(project)}.*"


def test_linters_judge_by_the_oldest_python(project: dict[str, Any]) -> None:
    oldest = oldest_python(project)
    assert project["tool"]["mypy"]["python_version"] == oldest
    assert project["tool"]["ruff"]["target-version"] == "py" + oldest.replace(".", "")


def test_every_tox_environment_of_the_workflow_exists(
    jobs: dict[str, Any], environments: configparser.RawConfigParser
) -> None:
    commands = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    named = {
        name for command in commands for names in re.findall(r"tox run -e (\S+)", command) for name in names.split(",")
    }
    assert {"lint", "types", "docs", "units", "coverage", "rehearsal"} <= named
    assert {f"testenv:{name}" for name in named} <= set(environments.sections())


def test_the_workflow_runs_everything_as_a_change_is_landed(checkout: Path, jobs: dict[str, Any]) -> None:
    assert {"run": ".ci/run"} in jobs["everything"]["steps"]
    assert (checkout / ".ci" / "run").stat().st_mode & 0o111
