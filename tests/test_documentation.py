"""The reference names everything that a user can write."""

import re
from pathlib import Path

import pytest
from pytest_examday.suites.exam.gates.registry import GATES

from pytest_examday import fixtures
from pytest_examday.config.environment import Environment
from pytest_examday.config.profiles import DrillProfile, Habits, LoadProfile
from pytest_examday.config.runtimes import (
    CommandRuntime,
    DockerRuntime,
    PlatformRuntime,
    ServiceCommands,
    Toxiproxy,
)
from pytest_examday.config.thresholds import Thresholds
from pytest_examday.faults.undo import ACTIONS

OPTIONS = (
    "env",
    *(
        f"examday-{name}"
        for name in ("config", "profile", "dir", "evidence", "confirm", "engine", "k6-results", "open")
    ),
)
RUNTIMES = (PlatformRuntime, DockerRuntime, CommandRuntime, ServiceCommands, Toxiproxy)
RECORDS = (Environment, Thresholds, LoadProfile, DrillProfile, Habits, *RUNTIMES)
KEYS = {name for record in RECORDS for name in record.model_fields} - {"name", "thresholds", "load", "drill"}
FIXTURES = [name for name, value in vars(fixtures).items() if "FixtureFunctionDefinition" in type(value).__name__]


@pytest.fixture(scope="module")
def reference(checkout: Path) -> str:
    """The text of the reference."""
    return (checkout / "docs" / "reference.md").read_text()


@pytest.mark.parametrize("word", sorted({*KEYS, *FIXTURES, *ACTIONS, *(gate.name for gate in GATES)}))
def test_it_explains(reference: str, word: str) -> None:
    assert f"`{word}`" in reference


@pytest.mark.parametrize("option", OPTIONS)
def test_it_explains_the_option(reference: str, option: str) -> None:
    assert f"`--{option} " in reference or f"`--{option}`" in reference


def test_there_are_fixtures_to_explain() -> None:
    assert {"rehearsal", "environment", "auth_token", "api", "db", "cache", "runtime"} < set(FIXTURES)


@pytest.mark.parametrize(
    "page", ["README.md", "docs/architecture.md", "docs/benchmarks.md", "docs/how-to.md", "docs/tutorial.md"]
)
def test_links_between_pages_lead_somewhere(checkout: Path, page: str) -> None:
    text = (checkout / page).read_text()
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if "://" not in target:
            assert ((checkout / page).parent / target).exists(), target
