"""The run directory of an earlier run whose evidence is judged again."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TypeVar, cast

from pytest_examday.config.environment import Environment
from pytest_examday.core.activity import Activity, with_prerequisites
from pytest_examday.errors import UsageProblem
from pytest_examday.evidence.envelope import Evidence, unmeasured
from pytest_examday.named_files import is_folder
from pytest_examday.record import Record
from pytest_examday.run.identity import RUN_FILE, identity_of
from pytest_examday.run.manifest import files_not_as_listed
from pytest_examday.run.redaction import Redactor
from pytest_examday.run.run_directory import judged_from
from pytest_examday.run.store import EvidenceStore

EXPECTED = "expected.json"
"""The file of a run directory that says what its run had to judge."""
_Any = TypeVar("_Any", bound=Record)
_OPTION = "--examday-evidence"
_MOST_LISTED = 5


def earlier_run(option: str) -> Path:
    """The directory that `--examday-evidence` names. Raises UsageProblem if it is none, or if its run only
    judged."""
    path = Path(option)
    if not is_folder(path / "evidence"):
        raise UsageProblem(f"{_OPTION} {option}: not a run directory (it has no evidence/ folder)")
    if not evidence_in(path) and (measured := judged_from(path)) is not None:
        raise UsageProblem(f"{_OPTION} {option}: that run only judged; name the run that measured: {measured}")
    return path.absolute()


def refuse_untyped(option: str) -> None:
    """Raise UsageProblem, because nobody typed the option: then every run of a pipeline would judge the same old
    evidence, and measure nothing."""
    raise UsageProblem(
        f"{_OPTION} {option} was not typed: an ini file or PYTEST_ADDOPTS adds it; whoever wants an earlier run judged "
        "again types it"
    )


def evidence_in(run_directory: Path) -> frozenset[str]:
    """The names of the activities that left evidence in a run directory."""
    return frozenset(path.stem for path in (run_directory / "evidence").glob("[!.]*.json"))


def refuse_altered_run(directory: Path, environment: Environment) -> None:
    """Raise UsageProblem if an earlier run's directory is not as the run left it, or if that run rehearsed
    another environment or profile than this run is to judge."""
    wrong = files_not_as_listed(directory, (RUN_FILE, EXPECTED))
    if wrong:
        more = f"; and {len(wrong) - _MOST_LISTED} more" if len(wrong) > _MOST_LISTED else ""
        raise UsageProblem(f"{_OPTION} {directory}: not as its run left it: {'; '.join(wrong[:_MOST_LISTED])}{more}")
    rehearsed = identity_of(directory)
    if (rehearsed.environment, rehearsed.profile) != (environment.name, environment.profile.name):
        raise UsageProblem(
            f"{_OPTION} {directory}: its run rehearsed environment {rehearsed.environment} with profile "
            f"{rehearsed.profile}, and this run is to judge environment {environment.name} with profile "
            f"{environment.profile.name}; give --env {rehearsed.environment} --examday-profile {rehearsed.profile}"
        )


class EvidenceOfEarlierRun(EvidenceStore):
    """Reads the evidence of a run that is over, each file once unless it changes. None may be dated before the run
    began, and the dates have to be in the order of `activities`."""

    def __init__(self, directory: Path, redactor: Redactor, activities: Mapping[str, Activity]) -> None:
        super().__init__(directory, redactor)
        self._activities = activities
        self._began = identity_of(directory).began
        self._read_as_stamped = cache(self._read_stamped)

    def read(self, activity: str, kind: type[_Any]) -> Evidence[_Any]:
        """The evidence of an activity. If it is dated before the run began, or before the end of an activity that it
        rests on, it says that nothing was measured, with that reason."""
        evidence = cast("Evidence[_Any]", self._read_once(activity, kind))
        if evidence.record is None or activity not in self._activities:
            return evidence
        if evidence.started < self._began:
            reason = f"dated {_moment(evidence.started)}, and its run began {_moment(self._began)}"
            return unmeasured(activity, f"evidence file {activity}.json is {reason}")
        for other in with_prerequisites([activity], self._activities):
            before = self._read_once(other.name, other.record_type)
            if other.name != activity and before.record is not None and evidence.started < before.ended:
                reason = f"dated {_moment(evidence.started)}, and {other.name}.json, on which it rests, "
                return unmeasured(activity, f"evidence file {activity}.json is {reason}{_moment(before.ended)}")
        return evidence

    def _read_once(self, activity: str, kind: type[Record]) -> Evidence[Record]:
        try:
            stat = self.path(activity).stat()
        except OSError:
            return super().read(activity, kind)
        return self._read_as_stamped(activity, kind, (stat.st_ino, stat.st_size, stat.st_mtime_ns))

    def _read_stamped(self, activity: str, kind: type[Record], _stamp: tuple[int, ...]) -> Evidence[Record]:
        return super().read(activity, kind)


def _moment(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}"
