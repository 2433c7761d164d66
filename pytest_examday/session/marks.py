"""Reads the marks of tests: their gates, phases, titles and the activities that they need."""

from difflib import get_close_matches

import pytest

from pytest_examday.errors import UsageProblem
from pytest_examday.session.items import RehearsalItem
from pytest_examday.session.rehearsal import REHEARSAL

EVIDENCE_SUFFIX = "_evidence"
"""The fixture `NAME_evidence` gives the record of the activity NAME."""
_VALID = '@pytest.mark.gate(name="…")'
_GATE_WORDS = ("gate", "gates")


def gate_name(item: pytest.Item) -> str | None:
    """The name in the mark `gate` of the test; None without that mark. Raises UsageProblem if the mark has no
    name, and if there are two: only one of them would count."""
    marks = tuple(item.iter_markers("gate"))
    if not marks:
        return None
    for mark in marks:
        name = mark.kwargs.get("name")
        if mark.args or set(mark.kwargs) != {"name"} or not isinstance(name, str) or not name:
            raise UsageProblem(f"{item.nodeid}: write {_VALID} with one non-empty text")
        if not name.isprintable():
            raise UsageProblem(f"{item.nodeid}: a gate is called {name!r}; write its name as one line")
    if len(marks) > 1:
        names = ", ".join(str(mark.kwargs["name"]) for mark in marks)
        raise UsageProblem(f"{item.nodeid} has the mark gate {len(marks)} times ({names}); write {_VALID} once")
    return str(marks[0].kwargs["name"])


def refuse_misspelled_gate(item: pytest.Item) -> None:
    """Raise UsageProblem if a test has a mark that looks like the mark of a gate and is none, for instance `Gate` or
    `gates`. Call it before the test gets the mark `gates`.

    A name that is merely similar is accepted if the user has registered it.
    """
    names = {mark.name for mark in item.iter_markers()}
    if "gate" in names:
        return
    registered = {line.partition(":")[0].partition("(")[0].strip() for line in item.config.getini("markers")}
    for name in sorted(names):
        plain = name.lower().strip("_")
        if plain in _GATE_WORDS or (name not in registered and _is_like_gate(plain)):
            raise UsageProblem(f"{item.nodeid}: the mark {name} makes no gate; write {_VALID}")


def _is_like_gate(name: str) -> bool:
    """Whether the name is `gate` with one letter missing, one too many, or two exchanged."""
    has_their_letters = any(sorted(name) == sorted(word) for word in _GATE_WORDS)
    return has_their_letters or bool(get_close_matches(name, _GATE_WORDS, cutoff=0.8))


def place_of(item: pytest.Item) -> str:
    """The place of the test in the source, as `file:line`: the file below the root of the tests, and the line of the
    test's first decorator."""
    file, line, _ = item.location
    return f"{file}:{(line or 0) + 1}"


def phase_number(item: pytest.Item) -> int | None:
    """The number in the mark `phase` of the test; None without that mark. Raises UsageProblem if the number is
    missing or unknown."""
    mark = item.get_closest_marker("phase")
    if mark is None:
        return None
    number = mark.kwargs.get("number")
    phases = {phase for suite in item.config.stash[REHEARSAL].suites for phase in suite.phases}
    if mark.args or set(mark.kwargs) != {"number"} or number not in phases:
        raise UsageProblem(f"{item.nodeid}: write @pytest.mark.phase(number=N) with N from 1 to {max(phases)}")
    return int(number)


def title(item: pytest.Item) -> str:
    """The title of the test: the words of its line or gate, the first line of its docstring, or its name."""
    if isinstance(item, RehearsalItem):
        return item.words
    text = getattr(getattr(item, "obj", None), "__doc__", None)
    return text.strip().splitlines()[0].rstrip(".") if text and text.strip() else item.name


def needs(item: pytest.Item) -> frozenset[str]:
    """The activities whose evidence the test reads: those of its line or gate, or those of its fixtures."""
    if isinstance(item, RehearsalItem):
        return item.needs
    names = [name for name in getattr(item, "fixturenames", ()) if name.endswith(EVIDENCE_SUFFIX)]
    activities = item.config.stash[REHEARSAL].all_activities
    return frozenset(name.removesuffix(EVIDENCE_SUFFIX) for name in names).intersection(activities)
