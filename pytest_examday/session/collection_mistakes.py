"""Mistakes in the collected tests that end the run; they are looked for before any test is deselected."""

import re
from collections import Counter
from collections.abc import Iterable

import pytest

from pytest_examday.core.property_names import GATE
from pytest_examday.errors import UsageProblem
from pytest_examday.session.gates_in_source import gates_that_cannot_be_collected
from pytest_examday.session.marks import gate_name, place_of
from pytest_examday.session.names_of_tests import NamesOfTests
from pytest_examday.session.rehearsal import REHEARSAL

_IN_EXPRESSION = re.compile(r"[^\W\d][\w-]*")
"""A mark in an expression: names of suites may have hyphens."""
_ARGUMENTS = re.compile(r"\([^()]*=[^()]*\)")
"""The arguments of a mark in an expression, as in `phase(number=3)`."""
_PHASE = re.compile(r"\bphase(?:(\d+)\b|\(\s*number\s*=\s*(\d+)\s*\))")
"""A phase in an expression, in either spelling."""
_OURS = ("gates", "gate", "disruptive")


def refuse_late_hooks(late: list[str]) -> None:
    """Raise UsageProblem if hooks came after the suites were made: what they add would be left out."""
    if late:
        raise UsageProblem(
            f"{late[0]} is read too late; move it into the conftest.py of the folder in which pytest starts"
        )


def refuse_duplicates(items: list[pytest.Item]) -> None:
    """Raise UsageProblem if two tests have one node id: xdist would run only one of them, and the other could be a
    failing gate."""
    counts = Counter(item.nodeid for item in items)
    twice = [nodeid for nodeid, count in counts.items() if count > 1]
    if twice:
        raise UsageProblem(f"two tests have the node id {twice[0]}; rename one of their files or functions")


def gates_among(
    found: Iterable[pytest.Item], modules: Iterable[pytest.Module], mistakes: Iterable[str] = ()
) -> tuple[pytest.Item, ...]:
    """The tests of gates among those that pytest has found.

    Raises UsageProblem with all `mistakes`, and with those that keep gates of the modules from being found.
    """
    problems = dict.fromkeys(mistakes)
    gates: dict[pytest.Item, None] = {}
    for item in found:
        try:
            gates |= {item: None} if gate_name(item) is not None else {}
        except UsageProblem as problem:
            problems[str(problem)] = None
    places = {place_of(item) for item in gates}
    for module in modules:
        problems |= dict.fromkeys(
            gates_that_cannot_be_collected(
                module.path, module.nodeid, module.obj, places, NamesOfTests.of(module.config)
            )
        )
    if problems:
        raise UsageProblem("\n".join(problems))
    return tuple(gates)


def refuse_late_gates(items: Iterable[pytest.Item]) -> None:
    """Raise UsageProblem if a hook has made a gate of a test after the gates were noted."""
    for item in items:
        if gate_name(item) is not None and GATE not in dict(item.user_properties):
            raise UsageProblem(
                f"{item.nodeid}: a hook gave the mark gate too late; give it in pytest_itemcollected, or in the file"
            )


def refuse_unknown_marks(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Raise UsageProblem if `-m` names a mark that is not registered and that no test has, or a phase that no suite
    of the run has: a misspelled `-m gates` would select nothing and ask for no verdict."""
    expression = config.option.markexpr or ""
    named = set(_IN_EXPRESSION.findall(_ARGUMENTS.sub("", expression))) - {"and", "or", "not", "True", "False"}
    lines = (line.strip() for line in config.getini("markers"))
    registered = {name.group() for line in lines if (name := _IN_EXPRESSION.match(line)) is not None}
    used = {mark.name for item in items for mark in item.iter_markers()}
    rehearsal = config.stash[REHEARSAL]
    phases = {phase for suite in rehearsal.suites for phase in suite.phases}
    no_phases = {
        found.group()
        for found in _PHASE.finditer(expression)
        if int(found.group(1) or found.group(2)) not in phases and found.group() not in used
    }
    unknown = sorted((named - registered - used) | no_phases)
    if unknown:
        of_suites = {mark for suite in rehearsal.suites for mark in (suite.name, *suite.phase_marks.values())}
        ours = sorted({*_OURS, "phase", *of_suites, *(f"phase{phase}" for phase in phases)} & registered)
        hints = [
            f"; {mark} is one of the suite {suite}, which is left out: {rehearsal.left_out[suite]}"
            for mark in unknown
            if (suite := rehearsal.marks_left_out.get(mark)) is not None
        ]
        raise UsageProblem(
            f"-m {expression!r}: no mark {', '.join(unknown)}; "
            f"those of the rehearsal: {', '.join(ours)}{''.join(hints)}"
        )
