"""A suite: one kind of rehearsal as one object."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pytest_examday.config.environment import Environment
from pytest_examday.core.activity import Activity
from pytest_examday.core.gate import Gate, GateResult, judge_gate
from pytest_examday.core.line import Line, LineResult, write_words
from pytest_examday.core.measured import Measured
from pytest_examday.core.suite_drill import SuiteDrill
from pytest_examday.core.suite_validation import refuse_contradictions
from pytest_examday.record import Record


def lacks_nothing(environment: Environment) -> str | None:
    """The default of `Suite.lacks`: no environment lacks anything."""
    return None


NAMED_IN_CONFIGURATION = "not_promised names it"
"""The end of the reason for a line that `not_promised` of the configuration names."""

LackReason = Callable[[Environment], str | None]
"""A function that says in words what an environment lacks for something. It returns None if nothing is lacking."""


def reasons_not_promised(promises: Mapping[str, LackReason], environment: Environment) -> dict[str, str]:
    """The lines that the platform of this environment does not promise: key -> reason.

    `promises` maps the keys of lines to functions that say what the platform lacks for the line. A line is not promised
    if `not_promised` of the configuration names its key, or if the platform lacks something for it.
    """
    named = dict.fromkeys(environment.not_promised, f"env.{environment.name}.{NAMED_IN_CONFIGURATION}")
    return {key: why for key, lacks in promises.items() if (why := named.get(key) or lacks(environment)) is not None}


@dataclass(frozen=True)
class Suite:
    """One kind of rehearsal. `document`, `pictures` and `unmeasured_harm` take a `pytest_examday.report.view.View`."""

    name: str
    title: str
    phases: Mapping[int, str]
    """Number of a phase -> its title."""
    activities: tuple[Activity, ...]
    """In running order; each drill's activity is among them."""
    lines: tuple[Line, ...]
    gates: tuple[Gate, ...]
    actor: str
    """The word for a user of the platform."""
    occasion: str
    """The event that is rehearsed."""
    drills: tuple[SuiteDrill, ...] = ()
    """In running order."""
    settings: type[Record] | None = None
    """The record that the suite's own table of the configuration, `[env.NAME.SUITE]`, is read into; None if it has
    none. `environment.table_of(suite, record)` gives it."""
    phase_marks: Mapping[int, str] = field(default_factory=dict)
    """Number of a phase -> a mark that its lines have, so that `-m MARK` selects them as `-m phaseN` does."""
    only_if_asked_for: LackReason = lacks_nothing
    """Why the suite is left out in this environment, although nothing is lacking, if `--examday-suite` does not name
    it. None if it is rehearsed unasked."""
    adopt_drill: Callable[[Any], tuple[Activity, tuple[Line, ...]]] | None = None
    """Turns a user's drill into an activity and lines; None if the suite has no actors for drills."""
    lacks: LackReason = lacks_nothing
    """What an environment lacks for this suite."""
    fits: Callable[[Any], None] | None = None
    """Takes a target at the end of the preflight; raises Unmeasurable if the platform is not as it is described."""
    gate_names_without_suite: bool = False
    """Whether the verdict calls a gate of this suite `gate`; otherwise it is `suite:gate`, so that names cannot
    clash."""
    document: Callable[[Any], str] | None = None
    """Writes the suite's part of `report.md`; a suite without it gets a plain part."""
    pictures: Callable[[Any], Iterable[Any]] | None = None
    """Draws the pictures of the suite's part of `report.html`."""
    unmeasured_harm: Callable[[Any], Sequence[str]] | None = None
    """Names the parts of the run that were not measured and in which actors may have been harmed."""
    wording: Mapping[str, str] = field(default_factory=dict)
    """Kind of harm or name of an activity -> words for the reader; a drill that is missing here has its title."""
    never_measured: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Reason -> the statements of the suite's document that no rehearsal measures."""
    promises: Mapping[str, LackReason] = field(default_factory=dict)
    """Key of a line that a platform need not promise -> what an environment lacks for it. `not_promised` of an
    environment may name these lines."""
    rests_on: Mapping[str, LackReason] = field(default_factory=dict)
    """Key of a line -> what an environment lacks for it. No configuration names these lines."""
    not_promised: Mapping[str, str] = field(default_factory=dict)
    """Key of a line that is left out of this run, because `not_promised` of the configuration names it -> reason. A run
    fills it in."""
    not_described: Mapping[str, str] = field(default_factory=dict)
    """Key of a line that is left out of this run for another reason -> the reason: the line needs something that the
    platform does not have, or that its description does not mention. A run fills it in."""

    def __post_init__(self) -> None:
        """Check the suite. Raises UsageProblem with the first contradiction, for instance two lines with one key."""
        refuse_contradictions(self)

    @cached_property
    def excused(self) -> Mapping[str, str]:
        """The lines that are not part of this run: key -> reason."""
        return {**self.not_described, **self.not_promised}

    @cached_property
    def drill_by_activity(self) -> dict[str, SuiteDrill]:
        """The drills by the names of their activities."""
        return {drill.activity: drill for drill in self.drills}

    @cached_property
    def line_by_key(self) -> dict[str, Line]:
        """The lines by their keys."""
        return {line.key: line for line in self.lines}

    @cached_property
    def gate_by_name(self) -> dict[str, Gate]:
        """The gates by their full names."""
        return {self.full_name(gate): gate for gate in self.gates}

    def full_name(self, gate: Gate) -> str:
        """The name of the gate in a verdict."""
        return gate.name if self.gate_names_without_suite else f"{self.name}:{gate.name}"

    def lines_of(self, gate: Gate, activities: Iterable[str]) -> tuple[Line, ...]:
        """The lines of a gate in a run that has these activities."""
        return tuple(line for line in self.lines_in(activities) if gate.name in line.gates)

    def lines_in(self, activities: Iterable[str]) -> tuple[Line, ...]:
        """The lines of a run with these activities. A line is left out if it needs another activity, or if it is
        excused."""
        planned = set(activities)
        return tuple(line for line in self.lines if planned.issuperset(line.needs) and line.key not in self.excused)

    def gate_result(self, gate: Gate, results: Iterable[LineResult], measured: Measured) -> GateResult:
        """Judge a gate by the results of its lines."""
        needs = gate.needed(measured.drills)
        written = write_words(gate.words, measured.limits)
        own = (result for result in results if gate.name in result.line.gates)
        judged = judge_gate(own, measured.missing(needs), written.problem)
        used = dict.fromkeys((*(name for result in judged.counted for name in result.line.needs), *needs))
        return GateResult(
            name=self.full_name(gate),
            outcome=judged.outcome,
            reason=judged.reason,
            evidence=tuple(f"evidence/{name}.json" for name in used),
            title=written.text,
            hard=gate.hard,
            suite=self.name,
            lines=tuple(result.line.key for result in judged.counted),
        )
