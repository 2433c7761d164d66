"""The tests of a rehearsal: one for each line of its suites, and one for each gate.

They are pytest items of their own kind and not functions, so that the user's fixtures and naming rules do not apply to
them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_examday.core.gate import Gate
from pytest_examday.core.line import Line, words_with_limits
from pytest_examday.core.outcome import INCONCLUSIVE_PREFIX, Outcome
from pytest_examday.core.property_names import LINE, RESULT
from pytest_examday.core.suite import Suite
from pytest_examday.run.terminal_text import printable
from pytest_examday.session.rehearsal import REHEARSAL, Rehearsal

ANCHOR = Path(__file__).with_name("rehearsal.examday")
"""The file that stands for the rehearsal: a node id is given to pytest as a part of it."""
ROOT = "examday"
"""The first part of the node ids of all lines and gates, for instance `examday::exam::phase1::test_exam_mode_is_on`."""


class RehearsalFile(pytest.File):
    """Collects all lines and gates of the run: the phases of every suite, then the gates."""

    @classmethod
    def of(cls, parent: pytest.Collector) -> "RehearsalFile":
        """The collector of the file `ANCHOR`."""
        made: RehearsalFile = cls.from_parent(parent, path=ANCHOR, nodeid=ROOT)
        return made

    def collect(self) -> Iterator[pytest.Collector]:
        """One collector for each suite's phases, then one for each suite's gates."""
        suites = self.config.stash[REHEARSAL].suites
        for suite in suites:
            yield SuitePhases.from_parent(self, name=suite.name, suite=suite)
        for suite in suites:
            yield SuiteGates.from_parent(self, name=suite.name, suite=suite)


class _OfSuite(pytest.Collector):
    """A collector that belongs to one suite."""

    def __init__(self, *, suite: Suite, **of_node: Any) -> None:
        super().__init__(**of_node)
        self.suite = suite


class SuitePhases(_OfSuite):
    """Collects the phases of one suite, and in each phase its lines."""

    def collect(self) -> Iterator[pytest.Collector]:
        """One collector for each phase."""
        for phase in self.suite.phases:
            yield PhaseLines.from_parent(self, name=f"phase{phase}", suite=self.suite, phase=phase)


class PhaseLines(_OfSuite):
    """Collects the lines of one phase."""

    def __init__(self, *, phase: int, **of_suite: Any) -> None:
        super().__init__(**of_suite)
        self._phase = phase

    def collect(self) -> Iterator[pytest.Item]:
        """One test for each line that is part of the run."""
        for line in self.suite.lines_in(self.config.stash[REHEARSAL].activities):
            if line.phase == self._phase:
                yield LineItem.from_parent(self, name=line.test, suite=self.suite, line=line)


class SuiteGates(_OfSuite):
    """Collects one node, `gates`, so that the node ids of gates contain it."""

    def collect(self) -> Iterator[pytest.Collector]:
        """One collector for the gates."""
        yield Gates.from_parent(self, name="gates", suite=self.suite)


class Gates(_OfSuite):
    """Collects the gates of one suite."""

    def collect(self) -> Iterator[pytest.Item]:
        """One test for each gate."""
        for gate in self.suite.gates:
            yield GateItem.from_parent(self, name=gate.test, suite=self.suite, gate=gate)


class RehearsalItem(pytest.Item):
    """A line or a gate as a test. `words` is what it states; `needs` names the activities whose evidence it reads."""

    words: str
    needs: frozenset[str]

    def __init__(self, *, suite: Suite, **of_node: Any) -> None:
        super().__init__(**of_node)
        self.suite = suite
        self.add_marker(suite.name)

    @property
    def rehearsal(self) -> Rehearsal:
        """The rehearsal of this run."""
        return self.config.stash[REHEARSAL]

    def reportinfo(self) -> tuple[Path, int, str]:
        """Its place in reports: no file, because it is not defined in one of the user's files."""
        return ANCHOR, 0, f"{self.suite.name}: {self.words}"

    def _mark_disruptive(self) -> None:
        if any(self.rehearsal.all_activities[name].permission == "disrupt" for name in self.needs):
            self.add_marker("disruptive")

    def _fail(self, outcome: Outcome, reason: str) -> None:
        prefix = INCONCLUSIVE_PREFIX if outcome == "inconclusive" else "NO-GO: "
        pytest.fail(printable(f"{prefix}{reason}"), pytrace=False)


class LineItem(RehearsalItem):
    """The test of one line."""

    def __init__(self, *, line: Line, **of_suite: Any) -> None:
        super().__init__(**of_suite)
        self.line = line
        self.words = words_with_limits(line.words, self.rehearsal.environment.thresholds)
        self.needs = frozenset(line.needs)
        self.add_marker(pytest.mark.phase(number=line.phase))
        if line.phase in self.suite.phase_marks:
            self.add_marker(self.suite.phase_marks[line.phase])
        self._mark_disruptive()
        self.user_properties.append((LINE, f"{self.suite.name}:{line.key}"))

    def runtest(self) -> None:
        """Judge the line; fail with its reason if it does not pass."""
        result = self.rehearsal.line_result(self.line)
        if result.outcome != "pass":
            self._fail(result.outcome, result.reason)


class GateItem(RehearsalItem):
    """The test of one gate."""

    def __init__(self, *, gate: Gate, **of_suite: Any) -> None:
        super().__init__(**of_suite)
        self.gate = gate
        self.words = words_with_limits(gate.words, self.rehearsal.environment.thresholds)
        self.needs = self.rehearsal.needs_of(self.suite, gate)
        self.add_marker(pytest.mark.gate(name=self.suite.full_name(gate)))
        self._mark_disruptive()

    def runtest(self) -> None:
        """Judge the gate; fail with its reason if it does not pass."""
        result = self.rehearsal.gate_result(self.suite, self.gate)
        self.user_properties.append((RESULT, result.to_json()))
        if result.outcome != "pass":
            self._fail(result.outcome, result.reason)
