"""Makes the run directory and keeps its evidence files."""

import json
import os
import secrets as random_names
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from pytest_examday.errors import UsageProblem
from pytest_examday.evidence.envelope import Evidence, unmeasured
from pytest_examday.evidence.impossible import why_impossible
from pytest_examday.record import Record, encodable
from pytest_examday.run.redaction import Redactor
from pytest_examday.run.reserve import reserve_room

_Any = TypeVar("_Any", bound=Record)


def make_run_directory(explicit: str | None, environment: str, base: Path, *, measures: bool = True) -> Path:
    """Create the run directory: `explicit` where it is given, otherwise `BASE/rehearsals/<UTC stamp>-<environment>`.

    `rehearsals/latest` then points to it, unless the run only judges the evidence of another: the link leads to
    evidence. Raises UsageProblem where the directory cannot be written or already holds a
    rehearsal.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    path = Path(explicit) if explicit else base / "rehearsals" / f"{stamp}-{environment}"
    path = path.absolute()
    if explicit is None and path.exists():
        path = path.with_name(f"{path.name}-{random_names.token_hex(2)}")
    try:
        if (path / "verdict.json").exists() or any((path / "evidence").glob("*")):
            raise UsageProblem(f"--examday-dir {explicit}: already holds a rehearsal; choose an empty or new directory")
        for folder in ("evidence", "ledger", "logs"):
            (path / folder).mkdir(parents=True, exist_ok=True)
        reserve_room(path)
    except OSError as problem:
        raise UsageProblem(f"run directory {path}: not writable: {problem.strerror}") from None
    if explicit is None and measures:
        _point_latest(path)
    return path


def _point_latest(path: Path) -> None:
    link, fresh = path.parent / "latest", path.parent / f".latest-{os.getpid()}"
    if link.exists() and not link.is_symlink():
        return  # a folder that a person made; it is theirs
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(path.name)
    fresh.replace(link)


def judged_from(directory: Path) -> str | None:
    """The run directory whose evidence the run in this directory judged; None where it judged its own, or no verdict
    tells it."""
    try:
        verdict = json.loads((directory / "verdict.json").read_bytes())
        told, own = verdict["judged_from"], verdict["directory"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None if told == own else str(told)


class EvidenceStore:
    """Reads and writes the files `evidence/*.json` of one run directory. A file is either complete or absent."""

    def __init__(self, directory: Path, redactor: Redactor) -> None:
        self.directory = directory
        self._redactor = redactor

    def path(self, activity: str) -> Path:
        """The evidence file of an activity."""
        return self.directory / "evidence" / f"{activity}.json"

    def has(self, activity: str) -> bool:
        """Whether the activity has left its evidence."""
        return self.path(activity).is_file()

    def has_begun(self, activity: str) -> bool:
        """Whether the activity was begun in this run directory, whether or not it has left its evidence."""
        return self.has(activity) or self.path(activity).with_name(f".{activity}.begun").exists()

    def write(self, evidence: Evidence[_Any]) -> None:
        """Write the evidence, without secrets."""
        self.replace(self.path(evidence.activity), evidence.to_json(indent=1))

    def read(self, activity: str, kind: type[_Any]) -> Evidence[_Any]:
        """The evidence of an activity. Where the file is missing or damaged, the evidence says that nothing was
        measured, with that reason."""
        try:
            read: Evidence[_Any] = Evidence[kind].model_validate_json(self.path(activity).read_bytes())  # type: ignore[valid-type]
        except FileNotFoundError:
            return unmeasured(activity, "never measured in this run")
        except ValidationError as problem:
            return unmeasured(
                activity, f"evidence file {self.path(activity).name} is damaged: {why_impossible(problem)}"
            )
        except OSError as problem:
            return unmeasured(activity, f"evidence file {self.path(activity).name} cannot be read: {problem.strerror}")
        if read.activity != activity:
            return unmeasured(activity, f"evidence file {self.path(activity).name} is that of {read.activity}")
        return read

    def all_of(self, kind: type[_Any]) -> list[_Any]:
        """The records of this kind that the activities of the run have left so far, also those of users' activities."""
        names = sorted(path.stem for path in (self.directory / "evidence").glob("*.json"))
        return [record for name in names if (record := self.read(name, kind).record) is not None]

    def replace(self, path: Path, text: str) -> None:
        """Write a text file of the run directory without secrets, in one step: readers see the old text or the new
        one."""
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        fresh.write_text(encodable(self._redactor.clean(text)), encoding="utf-8")
        fresh.replace(path)
