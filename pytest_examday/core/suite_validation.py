"""Refuses suites with contradictions, wrong types and unknown names: users write suites too."""

import re
from collections.abc import Iterable, Mapping
from typing import Protocol, get_args

from pytest_examday.config.environment import Environment
from pytest_examday.core.activity import PREFLIGHT, Activity, preflight_of
from pytest_examday.core.field_types import refuse_wrong_types
from pytest_examday.core.gate import Gate
from pytest_examday.core.line import Line, WhenUnmeasured
from pytest_examday.core.suite_drill import SuiteDrill
from pytest_examday.errors import UsageProblem
from pytest_examday.record import Record

_NAME = re.compile(r"[a-z][a-z0-9_-]*\Z")
_MARK = re.compile(r"[a-z][a-z0-9_]*\Z")
_PHASE_MARK = re.compile(r"phase\d*\Z")
_TAKEN_MARKS = frozenset(
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
"""Marks that have a meaning already: those of this plugin, of pytest and of pytest-timeout."""


class SuiteParts(Protocol):
    """The parts of a suite that are checked; `pytest_examday.core.suite.Suite` explains them."""

    @property
    def name(self) -> str: ...
    @property
    def phases(self) -> Mapping[int, str]: ...
    @property
    def activities(self) -> tuple[Activity, ...]: ...
    @property
    def lines(self) -> tuple[Line, ...]: ...
    @property
    def gates(self) -> tuple[Gate, ...]: ...
    @property
    def drills(self) -> tuple[SuiteDrill, ...]: ...
    @property
    def promises(self) -> Mapping[str, object]: ...
    @property
    def settings(self) -> type[Record] | None: ...
    @property
    def phase_marks(self) -> Mapping[int, str]: ...


def refuse_contradictions(suite: SuiteParts) -> None:
    """Raise UsageProblem with the first contradiction in the suite, for instance two lines with one key."""
    _require_texts(suite)
    _require_types(suite)
    _require_valid_names(suite)
    for what, names in (
        ("activities", [activity.name for activity in suite.activities]),
        ("lines", [line.key for line in suite.lines]),
        ("tests of lines", [line.test for line in suite.lines]),
        ("drills", [drill.name for drill in suite.drills]),
        ("gates", [gate.name for gate in suite.gates]),
    ):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise UsageProblem(f"suite {suite.name}: two {what} are called {twice[0]}")
    _refuse_bad_settings(suite)
    _require_known_names(suite)
    _refuse_bad_phase_marks(suite)
    _refuse_cycles(suite)
    _refuse_drills_without_activity(suite)


def _require_texts(suite: SuiteParts) -> None:
    """Raise UsageProblem if a text of the reports has another type."""
    for name in ("title", "actor", "occasion"):
        if not isinstance(getattr(suite, name), str):
            raise UsageProblem(f"suite {suite.name}: {name} is {getattr(suite, name)!r}; write a text")
    for name, key, plural in (("phases", int, "whole numbers"), ("wording", str, "texts")):
        mapping = getattr(suite, name)
        entries = mapping.items() if isinstance(mapping, Mapping) else [(None, None)]
        if not all(isinstance(number, key) and isinstance(words, str) for number, words in entries):
            raise UsageProblem(f"suite {suite.name}: {name} is {mapping!r}; write a dict of {plural} and texts")


def _require_types(suite: SuiteParts) -> None:
    """Raise UsageProblem if a member has a wrong type. A text is refused too: it would be read as one-letter
    names."""
    for what, members, kind in (
        ("activities", suite.activities, Activity),
        ("lines", suite.lines, Line),
        ("gates", suite.gates, Gate),
    ):
        if not _is_list_of(members, kind):
            raise UsageProblem(f"suite {suite.name}: {what} has to be a tuple of {kind.__name__} objects")
    for member in (*suite.activities, *suite.lines, *suite.gates):
        refuse_wrong_types(f"suite {suite.name}, {type(member).__name__.lower()} {_name_of(member)}", member)
    named = (
        *((f"activity {activity.name}", "runs_after", activity.runs_after) for activity in suite.activities),
        *((f"line {line.key}", "needs", line.needs) for line in suite.lines),
        *((f"line {line.key}", "gates", line.gates) for line in suite.lines),
        *((f"gate {gate.name}", "needs", gate.needs) for gate in suite.gates),
    )
    for what, attribute, names in named:
        if not _is_list_of(names, str):
            raise UsageProblem(f"suite {suite.name}, {what}: {attribute} is {names!r}; write a tuple of names")
    for gate in suite.gates:
        if not isinstance(gate.name, str) or not gate.name or not gate.name.isprintable():
            raise UsageProblem(f"suite {suite.name}: a gate is called {gate.name!r}; write a text of one line")


def _require_valid_names(suite: SuiteParts) -> None:
    """Raise UsageProblem if a name cannot be a mark, a node id and a file name."""
    if suite.name in _TAKEN_MARKS or _PHASE_MARK.match(suite.name):
        raise UsageProblem(f"a suite cannot be called {suite.name!r}: that is a mark of pytest or of this plugin")
    named = [("suite", suite.name), *(("activity", activity.name) for activity in suite.activities)]
    for what, name in (*named, *(("line", line.key) for line in suite.lines)):
        if not isinstance(name, str) or not _NAME.match(name):
            raise UsageProblem(f"suite {suite.name}: {what} {name!r}: write lower-case letters, digits, - and _ alone")
    for line in suite.lines:
        if line.when_unmeasured not in get_args(WhenUnmeasured):
            valid = ", ".join(get_args(WhenUnmeasured))
            raise UsageProblem(
                f"suite {suite.name}, line {line.key}: when_unmeasured is {line.when_unmeasured!r}; valid: {valid}"
            )


def _refuse_bad_settings(suite: SuiteParts) -> None:
    """Raise UsageProblem if the suite's own table cannot be read into a record, or would have the name of a key."""
    kind: object = suite.settings
    if kind is None:
        return
    if not (isinstance(kind, type) and issubclass(kind, Record)):
        raise UsageProblem(f"suite {suite.name}: settings is {kind!r}; write a subclass of Record")
    if suite.name in (*Environment.model_fields, *Environment.SOURCE_KEYS):
        raise UsageProblem(
            f"suite {suite.name}: settings: [env.NAME.{suite.name}] is a key of every environment; call the suite "
            "something else"
        )


def _refuse_bad_phase_marks(suite: SuiteParts) -> None:
    """Raise UsageProblem if a mark of a phase has no phase, is no valid name, or means something else already."""
    if not isinstance(suite.phase_marks, Mapping):
        raise UsageProblem(
            f"suite {suite.name}: phase_marks is {suite.phase_marks!r}; write a dict of numbers and names"
        )
    seen = {suite.name}
    for phase, mark in suite.phase_marks.items():
        where = f"suite {suite.name}, mark {mark!r} of phase {phase}"
        if phase not in suite.phases:
            raise UsageProblem(f"{where}: there is no phase {phase}")
        if not isinstance(mark, str) or not _MARK.match(mark):
            raise UsageProblem(f"{where}: write lower-case letters, digits and _ alone")
        if mark in _TAKEN_MARKS or _PHASE_MARK.match(mark) or mark in seen:
            raise UsageProblem(f"{where}: this mark has a meaning already")
        seen.add(mark)


def _refuse_cycles(suite: SuiteParts) -> None:
    """Raise UsageProblem if an activity would have to run before itself."""
    after = {activity.name: activity.runs_after for activity in suite.activities}
    for name, others in after.items():
        seen: set[str] = set()
        pending = list(others)
        while pending:
            other = pending.pop()
            if other == name:
                raise UsageProblem(
                    f"suite {suite.name}, activity {name}: `runs_after` leads back to the activity itself"
                )
            if other not in seen:
                seen.add(other)
                pending += after.get(other, ())


def _refuse_drills_without_activity(suite: SuiteParts) -> None:
    """Raise UsageProblem if the suite has no activity that runs one of its drills."""
    activities = {activity.name for activity in suite.activities}
    for drill in suite.drills:
        if drill.activity not in activities:
            raise UsageProblem(f"suite {suite.name}, drill {drill.name}: there is no activity {drill.activity}")


def _require_known_names(suite: SuiteParts) -> None:
    """Raise UsageProblem if a part of the suite names an activity, gate, line or phase that the suite does not have."""
    activities = {activity.name for activity in suite.activities}
    gates = {gate.name for gate in suite.gates}
    for line in suite.lines:
        if line.phase not in suite.phases:
            raise UsageProblem(f"suite {suite.name}, line {line.key}: there is no phase {line.phase}")
        _require_known(suite, f"line {line.key}", "gate", line.gates, gates)
        _require_known(suite, f"line {line.key}", "activity", line.needs, activities)
    _require_known(suite, "promises", "line", suite.promises, {line.key for line in suite.lines})
    for activity in suite.activities:
        if activity.reaches and activity.name not in (PREFLIGHT, preflight_of(suite.name)):
            raise UsageProblem(
                f"suite {suite.name}, activity {activity.name}: `reaches` is true, so it is the preflight of the "
                f"suite; call it {preflight_of(suite.name)}"
            )
        for name in sorted(set(activity.runs_after) - activities - {PREFLIGHT}):
            raise UsageProblem(
                f"suite {suite.name}, activity {activity.name}: `runs_after` names {name!r}, not an activity"
            )
    for gate in suite.gates:
        if gate.phase not in suite.phases:
            raise UsageProblem(f"suite {suite.name}, gate {gate.name}: there is no phase {gate.phase}")
        _require_known(suite, f"gate {gate.name}", "activity", gate.needs, activities)
        if not any(gate.name in line.gates for line in suite.lines):
            raise UsageProblem(f"suite {suite.name}: no line belongs to the gate {gate.name}")


def _require_known(suite: SuiteParts, what: str, kind: str, named: Iterable[str], existing: set[str]) -> None:
    for name in sorted(set(named) - existing):
        valid = ", ".join(sorted(existing))
        raise UsageProblem(f"suite {suite.name}, {what}: no {kind} {name!r}; there are: {valid}")


def _name_of(member: object) -> object:
    return getattr(member, "key", None) or getattr(member, "name", None)


def _is_list_of(members: object, kind: type) -> bool:
    return isinstance(members, list | tuple) and all(isinstance(member, kind) for member in members)
