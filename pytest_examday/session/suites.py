"""Chooses the suites of a run: the built-in ones and the user's, with what hooks add to them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from pytest_examday import hookspecs
from pytest_examday.config.environment import Environment
from pytest_examday.config.suite_names import SuiteNames
from pytest_examday.config.suite_tables import SuiteTables
from pytest_examday.core.activity import Activity
from pytest_examday.core.line import Line, WordsOfTable
from pytest_examday.core.suite import LackReason, Suite, reasons_not_promised
from pytest_examday.core.suite_drill import SuiteDrill
from pytest_examday.errors import UsageProblem
from pytest_examday.record import Record
from pytest_examday.session.additions import Additions, blaming
from pytest_examday.suites import PREFLIGHT_ACTIVITY
from pytest_examday.suites.exam.suite import SUITE as EXAM
from pytest_examday.suites.staging.suite import SUITE as STAGING

HOOKS = "pytest_examday_"
_ONE_OF_THEM = "; rehearse one of them by --examday-suite"
BUILT_IN_SUITES: tuple[Suite, ...] = (EXAM, STAGING)


@dataclass(frozen=True)
class SuitesOfRun:
    """The suites of a run, and what is known of the others."""

    suites: tuple[Suite, ...]
    left_out: Mapping[str, str]
    """Name of a suite that is not part of the run -> the reason."""
    suite_of_gate: Mapping[str, str]
    """Name of a gate -> the name of its suite; also for suites that are left out."""
    marks_left_out: Mapping[str, str]
    """A mark of a suite that is left out, or of one of its phases -> the name of the suite."""


def suites_of(additions: Additions) -> Mapping[str, Suite]:
    """All suites by name, with what hooks add to them. Raises UsageProblem if an addition contradicts its suite, or
    two suites have a gate of one name."""
    suites = {suite.name: _extended(suite, additions) for suite in _all_suites(additions)}
    _refuse_gates_of_one_name(suites.values())
    return suites


def suite_names(suites: Iterable[Suite]) -> SuiteNames:
    """The names that a configuration may use of these suites."""
    every = tuple(suites)
    return SuiteNames(
        tuple(sorted({key for suite in every for key in suite.promises})),
        tuple(drill.name for suite in every for drill in suite.drills if not drill.always),
    )


def suite_tables(suites: Iterable[Suite], *, complete: bool = True) -> SuiteTables:
    """The tables of their own that these suites have in a configuration; `complete` if there are no other suites."""
    return SuiteTables({suite.name: suite.settings for suite in suites if suite.settings is not None}, complete)


BUILT_IN_TABLES = suite_tables(BUILT_IN_SUITES, complete=False)
"""For a command, which does not load the suites of a conftest.py."""


def choose_suites(
    suites: Mapping[str, Suite],
    environment: Environment,
    asked: str | None,
    activities_with_evidence: frozenset[str] | None = None,
) -> SuitesOfRun:
    """Choose the suites for which the environment has what they need; `asked` (names with commas) narrows them.

    `activities_with_evidence` names the activities whose evidence an earlier run left, if that run is judged again;
    otherwise it is None. Then the suites with evidence are chosen, whatever the environment has. If none has any, those
    are chosen that the environment would have without an earlier run, and if it has none, all suites.

    A suite that is rehearsed only if it is asked for (`only_if_asked_for`) is left out without `asked`.

    Raises UsageProblem for an unknown name, for a suite that was asked for and cannot run, if no suite is left, and if
    two that are chosen have an activity or a mark of one name.
    """
    _refuse_unknown_evidence(suites.values(), activities_with_evidence or frozenset())
    names = _asked_names(asked, suites)
    lacking = {name: _lacking(suite, environment, activities_with_evidence) for name, suite in suites.items()}
    if activities_with_evidence is not None and None not in lacking.values():
        lacking = _lacking_in(environment, suites) if asked is None else dict.fromkeys(suites)
    if activities_with_evidence is None and asked is None:
        lacking = {name: why or _not_unasked(suites[name], environment) for name, why in lacking.items()}
    left_out = {name: reason for name in names if (reason := lacking[name]) is not None}
    reasons = "; ".join(f"suite {name}: {reason}" for name, reason in left_out.items())
    if asked is not None and left_out:
        raise UsageProblem(f"--examday-suite {asked}: {reasons}")
    running = tuple(_worded(_excused(suites[name], environment), environment) for name in names if name not in left_out)
    if not running:
        raise UsageProblem(f"no suite can be rehearsed: {reasons}")
    _refuse_clashes(running)
    running = _with_shared_preflight(running)
    not_asked = {name: f"not asked for by --examday-suite {asked}" for name in suites if name not in names}
    owners = {gate: suite.name for suite in suites.values() for gate in suite.gate_by_name}
    out = {**left_out, **not_asked}
    marks = {mark: name for name in out for mark in (name, *suites[name].phase_marks.values())}
    return SuitesOfRun(running, out, owners, marks)


def _with_shared_preflight(suites: tuple[Suite, ...]) -> tuple[Suite, ...]:
    """The suites with one preflight for all of them, which also tries whether the platform fits each."""
    fits = [suite.fits for suite in suites if suite.fits is not None]
    if not fits:
        return suites

    def gather(target: Any) -> Record:
        evidence = PREFLIGHT_ACTIVITY.gather(target)
        for fit in fits:
            fit(target)
        return evidence

    reaching = replace(PREFLIGHT_ACTIVITY, gather=gather)
    return tuple(
        replace(
            suite,
            activities=tuple(reaching if activity is PREFLIGHT_ACTIVITY else activity for activity in suite.activities),
        )
        for suite in suites
    )


def _lacking(suite: Suite, environment: Environment, activities_with_evidence: frozenset[str] | None) -> str | None:
    if activities_with_evidence is None:
        return _reason(suite, "lacks", suite.lacks, environment)
    own = {activity.name for activity in suite.activities if not activity.is_preflight}
    return None if own & activities_with_evidence else "the earlier run holds no evidence of it"


def _lacking_in(environment: Environment, suites: Mapping[str, Suite]) -> dict[str, str | None]:
    """What the environment lacks for each suite, or why it would be left out unasked; nothing if all would be left
    out."""
    lacking = {
        name: _lacking(suite, environment, None) or _not_unasked(suite, environment) for name, suite in suites.items()
    }
    return lacking if None in lacking.values() else dict.fromkeys(suites)


def _not_unasked(suite: Suite, environment: Environment) -> str | None:
    """Why the suite is left out because `--examday-suite` does not name it; None if it need not."""
    return _reason(suite, "only_if_asked_for", suite.only_if_asked_for, environment)


def _reason(suite: Suite, field: str, function: LackReason, environment: Environment) -> str | None:
    with blaming(f"suite {suite.name}: {field}"):
        reason: object = function(environment)
    if reason is None or isinstance(reason, str):
        return reason
    raise UsageProblem(f"suite {suite.name}: {field} returned {reason!r}; return a text, or None if there is no reason")


def _all_suites(additions: Additions) -> tuple[Suite, ...]:
    suites = (*BUILT_IN_SUITES, *additions.suites())
    names = [suite.name for suite in suites]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageProblem(f"two suites are called {twice[0]}")
    return suites


def _extended(suite: Suite, additions: Additions) -> Suite:
    """The suite with what hooks add to it. Raises UsageProblem if an addition contradicts the suite."""
    activities, gates = additions.activities(suite.name), additions.gates(suite.name)
    lines, drills = additions.lines(suite.name), additions.drills(suite.name)
    adopted = [_adopted(suite, drill) for drill in drills]
    reaching = () if any(activity.is_preflight for activity in suite.activities) else (PREFLIGHT_ACTIVITY,)
    if not (activities or gates or lines or drills or reaching):
        return suite
    ordered = (*reaching, *_in_order(suite.activities, (*activities, *(activity for activity, _ in adopted))))
    places = {activity.name: place for place, activity in enumerate(ordered)}
    return replace(
        suite,
        activities=ordered,
        gates=(*suite.gates, *gates),
        lines=(*suite.lines, *lines, *(line for _, lines in adopted for line in lines)),
        drills=tuple(sorted((*suite.drills, *drills), key=lambda drill: places.get(drill.activity, len(places)))),
    )


def _adopted(suite: Suite, drill: SuiteDrill) -> tuple[Activity, tuple[Line, ...]]:
    if suite.adopt_drill is None:
        raise UsageProblem(f"suite {suite.name}, drill {drill.name}: the suite has no actors for drills")
    with blaming(f"suite {suite.name}, drill {drill.name}: adopt_drill"):
        return suite.adopt_drill(drill)


def _in_order(activities: tuple[Activity, ...], added: Iterable[Activity]) -> tuple[Activity, ...]:
    """The activities with each added one after those of its phase or an earlier phase, but before one of its phase that
    has `runs_last`."""
    ordered = list(activities)
    for activity in added:
        before = [
            number
            for number, other in enumerate(ordered)
            if other.phase < activity.phase
            or (other.phase == activity.phase and (activity.runs_last or not other.runs_last))
        ]
        place = max(before, default=-1)
        ordered.insert(place + 1, activity)
    return tuple(ordered)


def _asked_names(option: str | None, suites: Mapping[str, Suite]) -> tuple[str, ...]:
    if option is None:
        return tuple(suites)
    names = [name.strip() for name in option.split(",")]
    unknown = [name for name in names if name not in suites]
    if unknown:
        wrong = ", ".join(repr(name) for name in unknown)
        raise UsageProblem(f"--examday-suite {option}: no suite {wrong}; valid: {', '.join(suites)}")
    return tuple(name for name in suites if name in names)


def _refuse_gates_of_one_name(suites: Iterable[Suite]) -> None:
    """Raise UsageProblem if two suites have a gate of one name: gates are found by name alone."""
    gates: dict[str, Suite] = {}
    for suite in suites:
        for name in suite.gate_by_name:
            if gates.setdefault(name, suite) is not suite:
                raise UsageProblem(f"suites {gates[name].name} and {suite.name}: both have a gate {name}")


def _refuse_clashes(running: Sequence[Suite]) -> None:
    """Raise UsageProblem if two suites of the run have an activity or a mark of one name."""
    activities: dict[str, tuple[Suite, Activity]] = {}
    marks = {suite.name: suite for suite in running}
    for suite in running:
        for activity in suite.activities:
            owner, other = activities.setdefault(activity.name, (suite, activity))
            if other is not activity:
                raise UsageProblem(
                    f"suites {owner.name} and {suite.name}: both have an activity {activity.name}{_ONE_OF_THEM}"
                )
        for mark in suite.phase_marks.values():
            if marks.setdefault(mark, suite) is not suite:
                raise UsageProblem(
                    f"suites {marks[mark].name} and {suite.name}: both have the mark {mark}{_ONE_OF_THEM}"
                )


def refuse_unknown_hooks(plugins: pytest.PytestPluginManager) -> None:
    """Raise UsageProblem if a plugin or conftest.py defines a hook whose name begins as this plugin's hooks do and
    is none of them."""
    for name, hook in vars(plugins.hook).items():
        if name.startswith(HOOKS) and not hook.has_spec():
            where = ", ".join(implementation.plugin_name for implementation in hook.get_hookimpls())
            valid = ", ".join(sorted(hook_name for hook_name in vars(hookspecs) if hook_name.startswith(HOOKS)))
            raise UsageProblem(f"{where}: there is no hook {name}; valid: {valid}")


def _excused(suite: Suite, environment: Environment) -> Suite:
    """The suite without the lines that the platform does not promise, or that rest on what it lacks."""
    with blaming(f"suite {suite.name}: promises"):
        excused = reasons_not_promised(suite.promises, environment)
    with blaming(f"suite {suite.name}: rests_on"):
        lacking = {key: lacks(environment) for key, lacks in suite.rests_on.items()}
    excused |= {key: why for key, why in lacking.items() if why is not None}
    return replace(
        suite,
        not_promised={key: why for key, why in excused.items() if key in environment.not_promised},
        not_described={key: why for key, why in excused.items() if key not in environment.not_promised},
    )


def _worded(suite: Suite, environment: Environment) -> Suite:
    """The suite with the words written of those lines that name limits of the suite's own table."""
    table = environment.suites.get(suite.name)
    lines = []
    for line in suite.lines:
        if isinstance(line.words, WordsOfTable):
            with blaming(f"suite {suite.name}, line {line.key}: words"):
                text: object = line.words.write(table)
            if not isinstance(text, str):
                raise UsageProblem(f"suite {suite.name}, line {line.key}: its words are no text but {text!r}")
            lines.append(replace(line, words=text))
        else:
            lines.append(line)
    return replace(suite, lines=tuple(lines))


def _refuse_unknown_evidence(suites: Iterable[Suite], evidence: frozenset[str]) -> None:
    """Raise UsageProblem if an earlier run left evidence that no suite judges: it may show a defect."""
    unknown = sorted(evidence - {activity.name for suite in suites for activity in suite.activities})
    if unknown:
        files = ", ".join(f"evidence/{name}.json" for name in unknown)
        raise UsageProblem(
            f"--examday-evidence: no suite has an activity for {files}; "
            "load the plugin or conftest.py that it was measured with, or remove the file"
        )


def refuse_broken_profiles(suites: Iterable[Suite], environment: Environment) -> None:
    """Raise UsageProblem if an activity's `runs_in` crashes."""
    for activity in (activity for suite in suites for activity in suite.activities):
        with blaming(f"activity {activity.name}: runs_in"):
            activity.runs_in(environment)


def register_marks(config: pytest.Config, suites: Iterable[Suite]) -> None:
    """Register marks with the names of the suites, so that `-m "gates and exam"` is valid with `--strict-markers`."""
    for suite in suites:
        config.addinivalue_line("markers", f"{suite.name}: lines and gates of the suite {suite.name}")
        for phase, title in suite.phases.items():
            config.addinivalue_line("markers", f"phase{phase}: {title}")
        for phase, mark in suite.phase_marks.items():
            config.addinivalue_line("markers", f"{mark}: phase {phase} of the suite {suite.name}")
