"""Activities that leave a good run's records and note that they ran; also run as a process of its own:
`python -m tests.activities.fakes DIRECTORY ACTIVITY [die]`."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pytest_examday.config.environment_file import load_environment
from pytest_examday.core.activity import Activity
from pytest_examday.record import Record
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.run.store import EvidenceStore
from pytest_examday.session.gatherer import Gatherer
from pytest_examday.suites.exam.activities import EXAM_MODE
from pytest_examday.suites.exam.suite import SUITE
from pytest_examday.target.target import Target
from tests import builders

RECORDS: dict[str, Record] = builders.good_run(*builders.FURTHER_DRILLS)

Gather = Callable[[Target, str], Record]


def noting(target: Target, name: str) -> Record:
    """Note the run in a file that all processes share, and leave a good record."""
    with (target.files.directory / "ran").open("a") as ran:
        ran.write(f"{name}\n")
    return RECORDS[name]


def ran(directory: Path) -> list[str]:
    """The activities that ran, in order."""
    notes = directory / "ran"
    return notes.read_text().split() if notes.exists() else []


def make_gatherer(target: Target, *planned: str, gather: Gather = noting, earlier: Path | None = None) -> Gatherer:
    """A gatherer of the exam suite's activities in an environment that does not switch exam mode, with this in place of
    each one's own work."""
    store = target.files.store if earlier is None else EvidenceStore(earlier, target.files.redactor)
    made = {activity.name: _with(activity, gather) for activity in SUITE.activities if activity.name != EXAM_MODE}
    return Gatherer(target, made, frozenset(planned), store, judges_again=earlier is not None)


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
    evidence = make_gatherer(make_target(directory), name, gather=_dying if dies else _slowly).evidence(name)
    print(evidence.unmeasured or "measured")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
