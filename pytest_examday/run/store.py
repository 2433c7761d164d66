"""Keeps the evidence files of a run directory."""

import os
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from pytest_examday.evidence.envelope import Evidence, unmeasured
from pytest_examday.evidence.first_mistake import first_mistake
from pytest_examday.evidence.origin import Origin
from pytest_examday.lone_surrogates import without_lone_surrogates
from pytest_examday.named_files import read_file
from pytest_examday.record import Record
from pytest_examday.run.identity import origin_of
from pytest_examday.run.redaction import Redactor

_Any = TypeVar("_Any", bound=Record)


class EvidenceStore:
    """Reads and writes the files `evidence/*.json` of one run directory. A file is either complete or absent."""

    def __init__(self, directory: Path, redactor: Redactor) -> None:
        self.directory = directory
        self._redactor = redactor

    @cached_property
    def origin(self) -> Origin | None:
        """The run whose evidence it is; None in a directory that no run has made."""
        return origin_of(self.directory)

    def path(self, activity: str) -> Path:
        """The evidence file of an activity."""
        return self.directory / "evidence" / f"{activity}.json"

    def has(self, activity: str) -> bool:
        """Whether the activity has left its evidence."""
        return self.path(activity).is_file()

    def write(self, evidence: Evidence[_Any]) -> None:
        """Write the evidence with its origin and without secrets."""
        origin = {} if self.origin is None else dict(self.origin)
        self.replace(self.path(evidence.activity), evidence.model_copy(update=origin).to_json(indent=1))

    def read(self, activity: str, kind: type[_Any]) -> Evidence[_Any]:
        """The evidence of an activity. If the file is missing, damaged, of another run or of another activity, the
        evidence says that nothing was measured, with that reason."""
        file = f"evidence file {self.path(activity).name}"
        try:
            read: Evidence[_Any] = Evidence[kind].model_validate_json(read_file(self.path(activity)))  # type: ignore[valid-type]
        except FileNotFoundError:
            return unmeasured(activity, "never measured in this run")
        except ValidationError as problem:
            return unmeasured(activity, f"{file} is damaged: {first_mistake(problem)}")
        except OSError as problem:
            return unmeasured(activity, f"{file} cannot be read: {problem.strerror}")
        if read.activity != activity:
            return unmeasured(activity, f"{file} is that of {read.activity}")
        foreign = self._foreign(read)
        return read if foreign is None else unmeasured(activity, f"{file} {foreign}")

    def _foreign(self, read: Evidence[_Any]) -> str | None:
        """Why the evidence is not of this run; None if it is."""
        if self.origin is None:
            return None
        if read.origin is None:
            return "does not name its run, environment, profile and version"
        other = read.origin.other_than(self.origin)
        return None if other is None else f"is {other}"

    def all_of(self, kind: type[_Any]) -> list[_Any]:
        """The records of this kind that the activities of the run have left so far, also those of users' activities."""
        names = sorted(path.stem for path in (self.directory / "evidence").glob("*.json"))
        return [record for name in names if (record := self.read(name, kind).record) is not None]

    def replace(self, path: Path, text: str) -> None:
        """Write a text file of the run directory without secrets, in one step: readers see the old text or the new
        one."""
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        clean = self._redactor.clean_json if path.suffix == ".json" else self._redactor.clean
        fresh.write_text(without_lone_surrogates(clean(text)), encoding="utf-8")
        fresh.replace(path)
