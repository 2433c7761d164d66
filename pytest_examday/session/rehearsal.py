"""The rehearsal, which every process of the run has: the target, the suites, and evidence on demand."""

from collections.abc import Callable, Iterable
from functools import cache, cached_property
from pathlib import Path

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.core.activity import Activity
from pytest_examday.core.gate import Gate, GateResult
from pytest_examday.core.line import Line, LineResult
from pytest_examday.core.measured import Measured
from pytest_examday.core.suite import Suite
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.envelope import Evidence, unmeasured
from pytest_examday.faults.leftovers import changes_left
from pytest_examday.record import Record
from pytest_examday.session.earlier_run import EvidenceOfEarlierRun
from pytest_examday.session.gatherer import Gatherer
from pytest_examday.session.suites import SuitesOfRun
from pytest_examday.target.target import Target

REHEARSAL: "pytest.StashKey[Rehearsal]" = pytest.StashKey()
"""The key under which `config.stash` holds the rehearsal."""


class Rehearsal:
    """One rehearsal; the fixture `rehearsal` gives it."""

    def __init__(self, target: Target, chosen: SuitesOfRun, earlier_run: Path | None) -> None:
        self.target = target
        self.suites = chosen.suites
        self.left_out = chosen.left_out
        self.suite_of_gate = chosen.suite_of_gate
        self.marks_left_out = chosen.marks_left_out
        self.earlier_run = earlier_run
        self.store = (
            target.files.store
            if earlier_run is None
            else EvidenceOfEarlierRun(earlier_run, target.files.redactor, self.all_activities)
        )
        self._gatherer = self._gatherer_for(())

    @property
    def environment(self) -> Environment:
        """The environment under rehearsal."""
        return self.target.environment

    @property
    def directory(self) -> Path:
        """The run directory."""
        return self.target.files.directory

    @cached_property
    def all_activities(self) -> dict[str, Activity]:
        """All activities of the suites in running order, also those that are not part of this rehearsal."""
        return {activity.name: activity for suite in self.suites for activity in suite.activities}

    @cached_property
    def activities(self) -> dict[str, Activity]:
        """The activities of this rehearsal: those that are in the environment's profile. If an earlier run is judged
        again, also those that left evidence there."""
        return {
            name: activity
            for name, activity in self.all_activities.items()
            if activity.runs_in(self.environment) or (self.earlier_run is not None and self.store.has(name))
        }

    @cached_property
    def drills(self) -> tuple[str, ...]:
        """The activities of this rehearsal that are drills."""
        named = (drill.activity for suite in self.suites for drill in suite.drills)
        return tuple(activity for activity in named if activity in self.activities)

    def plan(self, activities: Iterable[str]) -> None:
        """Tell which activities the selected tests need, so that they run in phase order."""
        self._gatherer = self._gatherer_for(activities)

    def undo_changes(self) -> None:
        """Undo what this process has changed for the whole run. What could not be undone stands in the journal."""
        try:
            self.target.until_the_end.close()
        except Unmeasurable as reason:
            self.target.files.progress.say(self.target.files.redactor.clean(str(reason)))

    def changes_left(self) -> tuple[str, ...]:
        """What the run has changed on the platform and not undone, in words."""
        if self.earlier_run is not None:
            return ()
        try:
            return changes_left(self.target)
        except Unmeasurable as reason:
            return (str(reason),)

    def _gatherer_for(self, activities: Iterable[str]) -> Gatherer:
        return Gatherer(
            self.target, self.activities, frozenset(activities), self.store, judges_again=self.earlier_run is not None
        )

    def evidence(self, activity: str) -> Evidence[Record]:
        """The evidence of an activity; runs the activity if it has not run yet."""
        return self._gatherer.evidence(activity)

    def all_evidence(self) -> dict[str, Evidence[Record]]:
        """All evidence that has been gathered, by activity."""
        return {
            a.name: self.store.read(a.name, a.record_type)
            for a in self.all_activities.values()
            if self.store.has(a.name)
        }

    def stored_evidence(self, activity: str) -> Evidence[Record]:
        """The evidence of an activity that has been gathered; the activity is not run."""
        known_activity = self.all_activities.get(activity)
        return (
            unmeasured(activity, "no suite of this run has it")
            if known_activity is None
            else self.store.read(activity, known_activity.record_type)
        )

    def line_result(self, line: Line) -> LineResult:
        """Judge a line; activities that it needs run first if they have not run yet."""
        return line.result(self.measured(self.evidence))

    def gate_result(self, suite: Suite, gate: Gate) -> GateResult:
        """Judge a gate; activities that it needs run first if they have not run yet."""
        measured = self.measured(self.evidence)
        return suite.gate_result(gate, (line.result(measured) for line in self.lines_of(suite, gate)), measured)

    def stored_results(self, measured: Measured) -> dict[str, tuple[LineResult, ...]]:
        """Judge every line of the rehearsal: the name of each suite, and the results of its lines."""
        return {
            suite.name: tuple(line.result(measured) for line in suite.lines_in(self.activities))
            for suite in self.suites
        }

    def measured(self, evidence: Callable[[str], Evidence[Record]]) -> Measured:
        """The evidence and the limits for judges; each evidence file is read once, however many lines need it."""
        return Measured(cache(evidence), self.environment.thresholds, self.drills)

    def lines_of(self, suite: Suite, gate: Gate) -> tuple[Line, ...]:
        """The lines of a gate in this rehearsal."""
        return suite.lines_of(gate, self.activities)

    def needs_of(self, suite: Suite, gate: Gate) -> frozenset[str]:
        """The activities that a gate needs in this rehearsal."""
        of_lines = {name for line in self.lines_of(suite, gate) for name in line.needs}
        return frozenset(of_lines.union(gate.needed(self.drills)))
