"""What every process of the run shares: the target, and evidence on demand."""

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from pytest_examday.config.environment import Environment
from pytest_examday.evidence.envelope import Evidence
from pytest_examday.record import Record
from pytest_examday.session.gatherer import Gatherer
from pytest_examday.suites.exam.activities.registry import FURTHER_DRILLS
from pytest_examday.suites.exam.drills.catalogue import CHOSEN
from pytest_examday.suites.exam.gates.bench import Bench, Judgement
from pytest_examday.suites.exam.gates.registry import BY_NAME
from pytest_examday.target.target import Target

_Kind = TypeVar("_Kind", bound=Record)


class Rehearsal:
    """One rehearsal as a test sees it (the `rehearsal` fixture)."""

    def __init__(self, target: Target, earlier: Path | None) -> None:
        self.target = target
        self.earlier = earlier
        self._gatherer = Gatherer(target, frozenset(), earlier)

    @property
    def environment(self) -> Environment:
        """The environment under rehearsal."""
        return self.target.environment

    @property
    def directory(self) -> Path:
        """The run directory."""
        return self.target.directory

    @property
    def drills(self) -> tuple[str, ...]:
        """The activities of the drills beyond the three of every rehearsal: those that the profile adds, and those that
        an earlier run, which is judged again, has made."""
        planned = {drill.activity for drill in CHOSEN if drill.name in self.environment.profile.drill.drills}
        made = set() if self.earlier is None else {path.stem for path in (self.earlier / "evidence").glob("*.json")}
        return tuple(activity.name for activity in FURTHER_DRILLS if activity.name in planned | made)

    def plan(self, activities: Iterable[str]) -> None:
        """Say which activities the selected tests need, so that they run in phase order."""
        self._gatherer = Gatherer(self.target, frozenset(activities), self.earlier)

    def evidence(self, activity: str) -> Evidence[Record]:
        """The evidence of an activity, gathered now if it is not there yet."""
        return self._gatherer.evidence(activity)

    def judge(self, gate: str) -> Judgement:
        """The judgement of a built-in gate."""
        return BY_NAME[gate].judgement(Bench(self.evidence, self.environment.thresholds, self.drills))
