"""Activities that leave a good run's records and note that they ran; also run as a process of its own:
`python -m tests.activities.fakes DIRECTORY ACTIVITY [die]`."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_examday.suites.exam.activities.registry import Activity

from pytest_examday.config.environment_file import load_environment
from pytest_examday.evidence.preflight_evidence import PreflightEvidence
from pytest_examday.record import Record
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.session.gatherer import Gatherer
from pytest_examday.suites.exam.activities import registry
from pytest_examday.suites.exam.evidence import ExperienceEvidence
from pytest_examday.target.target import Target
from tests import builders

PREFLIGHT = PreflightEvidence(
    api_url="http://exam.example",
    ready={"http": "200"},
    database="PostgreSQL 18",
    cache="Redis 6",
    runtime="platform",
    services=(),
    reached_seconds=0.1,
)
RECORDS: dict[str, Record] = {
    **builders.good_run(),
    "preflight": PREFLIGHT,
    "experience": ExperienceEvidence(probes=(builders.probe("refresh"),)),
    "integrity": builders.integrity(),
}

Gather = Callable[[Target, str], Record]


def noting(target: Target, name: str) -> Record:
    """Note the run in a file that all processes share, and leave a good record."""
    with (target.run.directory / "ran").open("a") as ran:
        ran.write(f"{name}\n")
    return RECORDS[name]


def ran(directory: Path) -> list[str]:
    """The activities that ran, in order."""
    notes = directory / "ran"
    return notes.read_text().split() if notes.exists() else []


def install(patch: pytest.MonkeyPatch, gather: Gather = noting) -> None:
    """Put this in place of every activity's own work."""
    made = tuple(_with(activity, gather) for activity in registry.ACTIVITIES)
    patch.setattr(registry, "ACTIVITIES", made)
    patch.setattr("pytest_examday.session.gatherer.PREFLIGHT", made[0])
    for activity in made:
        patch.setitem(registry.BY_NAME, activity.name, activity)


def _with(activity: Activity, gather: Gather) -> Activity:
    return replace(activity, gather=lambda target: gather(target, activity.name))


def make_target(
    directory: Path, allow: str = '["read", "write", "disrupt"]', redactor: Redactor | None = None
) -> Target:
    """A target with a run directory and these permissions; nothing is started."""
    for folder in ("evidence", "ledger", "logs"):
        (directory / folder).mkdir(parents=True, exist_ok=True)
    written = directory / "examday.toml"
    if not written.exists():  # another process may be reading it
        written.write_text(f"[env.x]\nallow = {allow}\n")
    environment = load_environment("x", None, None, (directory,), {})
    return Target(environment, RunFiles(directory, redactor or Redactor()), os.getpid())


def _slowly(target: Target, name: str) -> Record:
    time.sleep(0.1)
    return noting(target, name)


def _dying(target: Target, name: str) -> Record:
    os._exit(9)


def main(directory: Path, name: str, *dies: str) -> None:
    """Ask for one activity in this process."""
    install(pytest.MonkeyPatch(), _dying if dies else _slowly)
    evidence = Gatherer(make_target(directory), frozenset({name})).evidence(name)
    print(evidence.unmeasured or "measured")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
