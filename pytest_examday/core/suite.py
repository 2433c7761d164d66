"""A suite: one kind of rehearsal as one object."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, get_args

from pytest_examday.config.environment import Environment
from pytest_examday.core.activity import PREFLIGHT, Activity
from pytest_examday.core.field_types import refuse_wrong_types
from pytest_examday.core.gate import Gate, GateResult, judge_gate
from pytest_examday.core.line import Line, LineResult, WhenUnmeasured, write_words
from pytest_examday.core.measured import Measured
from pytest_examday.errors import UsageProblem

_NAME = re.compile(r"[a-z][a-z0-9_-]*\Z")
_PHASE_MARK = re.compile(r"phase\d*\Z")
_MARKS_OF_OTHERS = frozenset(
    {
        "gate",
        "gates",
        "disruptive",
        "skip",
        "skipif",
        "xfail",
        "parametrize",
        "usefixtures",
        "filterwarnings",
        "timeout",
    }
)


def lacks_nothing(environment: Environment) -> str | None:
    """The default of `Suite.lacks`: no environment lacks anything."""
    return None


NAMED_IN_CONFIGURATION = "not_promised names it"
"""The end of the reason for a line that `not_promised` of the configuration names."""

LackReason = Callable[[Environment], str | None]
"""A function that says what an environment lacks for something, in words; it returns None if nothing is missing."""


def reasons_not_promised(promises: Mapping[str, LackReason], environment: Environment) -> dict[str, str]:
    """Those of the promises that the platform of the environment does not make: key -> reason.

    Either `not_promised` of the configuration names the key, or the platform lacks what the promise needs.
    """
    named = dict.fromkeys(environment.not_promised, f"env.{environment.name}.{NAMED_IN_CONFIGURATION}")
    return {key: why for key, lacks in promises.items() if (why := named.get(key) or lacks(environment)) is not None}


def _name_of(member: object) -> object:
    return getattr(member, "key", None) or getattr(member, "name", None)


class SuiteDrill(Protocol):
    """The attributes of a drill that a run reads before the drill starts; `pytest_examday.drills.drill.Drill` has
    them."""

    @property
    def name(self) -> str:
        """The name of the drill in a profile."""

    @property
    def activity(self) -> str:
        """The name of the drill's activity."""

    @property
    def title(self) -> str:
        """The name of the drill in reports."""

    @property
    def phase(self) -> int:
        """The phase in which the drill runs."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines that are judged by the drill's evidence."""

    @property
    def chart(self) -> Callable[[Any, Path], Any] | None:
        """The function that draws the drill's evidence; None if the drill has no chart of its own."""

    @property
    def always(self) -> bool:
        """Whether every rehearsal has the drill."""

    @property
    def standard(self) -> bool:
        """Whether the profile `standard` has the drill."""

    @property
    def needs_redis(self) -> bool:
        """Whether the drill disturbs Redis, which a platform may lack."""

    @property
    def needs_links(self) -> bool:
        """Whether the drill needs TCP links in front of PostgreSQL and Redis of an embedded platform."""

    @property
    def needs_proxy(self) -> bool:
        """Whether the drill needs a proxy in front of the workers of an embedded platform."""


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
    """Key of a line that is not part of this run, because the configuration does not promise it -> reason."""
    not_described: Mapping[str, str] = field(default_factory=dict)
    """Key of a line that is not part of this run, because it needs what the platform lacks or its description does not
    tell -> the reason."""

    def __post_init__(self) -> None:
        """Check the suite. Raises UsageProblem with the first contradiction, for instance two lines with one key."""
        self._require_texts()
        self._require_types()
        self._require_valid_names()
        for what, names in (
            ("activities", [activity.name for activity in self.activities]),
            ("lines", [line.key for line in self.lines]),
            ("tests of lines", [line.test for line in self.lines]),
            ("drills", [drill.name for drill in self.drills]),
            ("gates", [gate.name for gate in self.gates]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise UsageProblem(f"suite {self.name}: two {what} are called {twice[0]}")
        self._require_known_names()
        self._refuse_cycles()
        self._refuse_drills_without_activity()

    def _require_texts(self) -> None:
        """Raise UsageProblem if a text of the reports has another type."""
        for name in ("title", "actor", "occasion"):
            if not isinstance(getattr(self, name), str):
                raise UsageProblem(f"suite {self.name}: {name} is {getattr(self, name)!r}; write a text")
        for name, key, plural in (("phases", int, "whole numbers"), ("wording", str, "texts")):
            mapping = getattr(self, name)
            entries = mapping.items() if isinstance(mapping, Mapping) else [(None, None)]
            if not all(isinstance(number, key) and isinstance(words, str) for number, words in entries):
                raise UsageProblem(f"suite {self.name}: {name} is {mapping!r}; write a dict of {plural} and texts")

    def _require_types(self) -> None:
        """Raise UsageProblem if a member has a wrong type. A text is refused too: it would be read as one-letter
        names."""
        for what, members, kind in (
            ("activities", self.activities, Activity),
            ("lines", self.lines, Line),
            ("gates", self.gates, Gate),
        ):
            if not _are(members, kind):
                raise UsageProblem(f"suite {self.name}: {what} has to be a tuple of {kind.__name__} objects")
        for member in (*self.activities, *self.lines, *self.gates):
            refuse_wrong_types(f"suite {self.name}, {type(member).__name__.lower()} {_name_of(member)}", member)
        named = (
            *((f"activity {activity.name}", "runs_after", activity.runs_after) for activity in self.activities),
            *((f"line {line.key}", "needs", line.needs) for line in self.lines),
            *((f"line {line.key}", "gates", line.gates) for line in self.lines),
            *((f"gate {gate.name}", "needs", gate.needs) for gate in self.gates),
        )
        for what, attribute, names in named:
            if not _are(names, str):
                raise UsageProblem(f"suite {self.name}, {what}: {attribute} is {names!r}; write a tuple of names")
        for gate in self.gates:
            if not isinstance(gate.name, str) or not gate.name or not gate.name.isprintable():
                raise UsageProblem(f"suite {self.name}: a gate is called {gate.name!r}; write a text of one line")

    def _require_valid_names(self) -> None:
        """Raise UsageProblem if a name cannot be a mark, a node id and a file name."""
        if self.name in _MARKS_OF_OTHERS or _PHASE_MARK.match(self.name):
            raise UsageProblem(f"a suite cannot be called {self.name!r}: that is a mark of pytest or of this plugin")
        named = [("suite", self.name), *(("activity", activity.name) for activity in self.activities)]
        for what, name in (*named, *(("line", line.key) for line in self.lines)):
            if not isinstance(name, str) or not _NAME.match(name):
                raise UsageProblem(
                    f"suite {self.name}: {what} {name!r}: write lower-case letters, digits, - and _ alone"
                )
        for line in self.lines:
            if line.when_unmeasured not in get_args(WhenUnmeasured):
                valid = ", ".join(get_args(WhenUnmeasured))
                raise UsageProblem(
                    f"suite {self.name}, line {line.key}: when_unmeasured is {line.when_unmeasured!r}; valid: {valid}"
                )

    def _refuse_cycles(self) -> None:
        """Raise UsageProblem if an activity would have to run before itself."""
        after = {activity.name: activity.runs_after for activity in self.activities}
        for name, others in after.items():
            seen: set[str] = set()
            pending = list(others)
            while pending:
                other = pending.pop()
                if other == name:
                    raise UsageProblem(
                        f"suite {self.name}, activity {name}: `runs_after` leads back to the activity itself"
                    )
                if other not in seen:
                    seen.add(other)
                    pending += after.get(other, ())

    def _refuse_drills_without_activity(self) -> None:
        activities = {activity.name for activity in self.activities}
        for drill in self.drills:
            if drill.activity not in activities:
                raise UsageProblem(f"suite {self.name}, drill {drill.name}: there is no activity {drill.activity}")

    def _require_known_names(self) -> None:
        activities = {activity.name for activity in self.activities}
        gates = {gate.name for gate in self.gates}
        for line in self.lines:
            if line.phase not in self.phases:
                raise UsageProblem(f"suite {self.name}, line {line.key}: there is no phase {line.phase}")
            self._require_known(f"line {line.key}", "gate", line.gates, gates)
            self._require_known(f"line {line.key}", "activity", line.needs, activities)
        self._require_known("promises", "line", self.promises, {line.key for line in self.lines})
        for activity in self.activities:
            for name in sorted(set(activity.runs_after) - activities - {PREFLIGHT}):
                raise UsageProblem(
                    f"suite {self.name}, activity {activity.name}: `runs_after` names {name!r}, not an activity"
                )
        for gate in self.gates:
            if gate.phase not in self.phases:
                raise UsageProblem(f"suite {self.name}, gate {gate.name}: there is no phase {gate.phase}")
            self._require_known(f"gate {gate.name}", "activity", gate.needs, activities)
            if not any(gate.name in line.gates for line in self.lines):
                raise UsageProblem(f"suite {self.name}: no line belongs to the gate {gate.name}")

    def _require_known(self, what: str, kind: str, named: Iterable[str], existing: set[str]) -> None:
        for name in sorted(set(named) - existing):
            valid = ", ".join(sorted(existing))
            raise UsageProblem(f"suite {self.name}, {what}: no {kind} {name!r}; there are: {valid}")

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
        """The lines that belong to a run with these activities: those that need no other activity and are not
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


def _are(members: object, kind: type) -> bool:
    return isinstance(members, list | tuple) and all(isinstance(member, kind) for member in members)
