"""Keeps in the run directory which gates and lines a run has to judge, and which tests of gates pytest has found.

So a gate that did not run is reported as missing. If the run is judged again, a gate or line that is missing then is
reported too.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field, ValidationError

from pytest_examday.errors import UsageProblem
from pytest_examday.evidence.first_mistake import first_mistake
from pytest_examday.named_files import read_file
from pytest_examday.record import Record
from pytest_examday.session.earlier_run import EXPECTED
from pytest_examday.session.marks import gate_name, place_of
from pytest_examday.session.rehearsal import Rehearsal
from pytest_examday.session.users_gates import users_gates

_FILE = ".expected-{}.json"


class ExpectedOfSuite(Record):
    """The gates and lines of one suite that a run has to judge."""

    gates: tuple[str, ...] = ()
    """The names of the gates as a verdict gives them."""
    lines: dict[str, tuple[str, ...]] = Field({})
    """Key of a line -> the names of its gates."""


class Expected(Record):
    """The gates and lines that a run has to judge, and what pytest has found of the gates' tests.

    A node id names a test or a file, for instance `test_mine.py::test_size`.
    """

    schema_: Literal["examday/expected/1"] = Field(default="examday/expected/1", alias="schema")
    suites: dict[str, ExpectedOfSuite]
    """Name of a suite of the run -> its gates and lines."""
    users_gates: tuple[str, ...] = ()
    """The names of the user's gates. A process writes them to a file of its own (`session/users_gates.py`), so they are
    empty in the record of one process."""
    tests: dict[str, tuple[str, ...]] = Field({})
    """Name of a gate -> the node ids of its tests that pytest has found, also of those that are not run."""
    files: frozenset[str] = frozenset()
    """The node ids of the test files that pytest has read."""
    places: frozenset[str] = frozenset()
    """Where the tests of gates begin: `file:line`."""
    collected: frozenset[str] = frozenset()
    """The node ids of the tests of gates that belong to the paths and node ids for which the run was asked."""
    deselected: frozenset[str] = frozenset()
    """The node ids of those that options of pytest took out again, for instance `-k`."""
    selected: frozenset[str] = frozenset()
    """The node ids of those that were left to be run."""


def note_expected(
    rehearsal: Rehearsal,
    tests_of_gates: Iterable[pytest.Item],
    modules: Iterable[pytest.Module],
    collected: Iterable[pytest.Item],
    deselected: Iterable[pytest.Item],
    selected: Iterable[pytest.Item],
) -> None:
    """Write what this process expects into the run directory.

    `tests_of_gates` are all that pytest has found, `modules` the test files that it has read. `collected`, `deselected`
    and `selected` are tests of every kind; `Expected` says what the words mean.
    """
    suites = {
        suite.name: ExpectedOfSuite(
            gates=tuple(suite.gate_by_name),
            lines={line.key: line.gates for line in suite.lines_in(rehearsal.activities)},
        )
        for suite in rehearsal.suites
    }
    tests: dict[str, dict[str, None]] = {}
    for item in tests_of_gates:
        tests.setdefault(gate_name(item) or "", {})[item.nodeid] = None
    expected = Expected(
        suites=suites,
        tests={gate: tuple(nodeids) for gate, nodeids in tests.items()},
        files=frozenset(module.nodeid for module in modules),
        places=frozenset(place_of(item) for item in tests_of_gates),
        collected=_gates(collected),
        deselected=_gates(deselected),
        selected=_gates(selected),
    )
    rehearsal.target.files.store.replace(rehearsal.directory / _FILE.format(os.getpid()), expected.to_json())


def _gates(items: Iterable[pytest.Item]) -> frozenset[str]:
    return frozenset(item.nodeid for item in items if gate_name(item) is not None)


def expected_of(directory: Path) -> Expected:
    """What all processes of the run in this directory expect, while it runs. Raises UsageProblem if a file is
    damaged."""
    processes = [_read(path) for path in sorted(directory.glob(_FILE.format("*")))]
    return Expected(
        suites={name: suite for process in processes for name, suite in process.suites.items()},
        users_gates=users_gates(directory),
        tests={
            gate: tuple(dict.fromkeys(nodeid for process in processes for nodeid in process.tests.get(gate, ())))
            for gate in dict.fromkeys(gate for process in processes for gate in process.tests)
        },
        files=frozenset().union(*(process.files for process in processes)),
        places=frozenset().union(*(process.places for process in processes)),
        collected=frozenset().union(*(process.collected for process in processes)),
        deselected=frozenset().union(*(process.deselected for process in processes)),
        selected=frozenset().union(*(process.selected for process in processes)),
    )


def write_expected(rehearsal: Rehearsal) -> None:
    """Write what the run had to judge as `expected.json`, for a run that judges it again. Raises OSError if that is not
    possible."""
    text = expected_of(rehearsal.directory).to_json(indent=1) + "\n"
    rehearsal.target.files.store.replace(rehearsal.directory / EXPECTED, text)


def expected_of_earlier(directory: Path) -> Expected:
    """What a run that is over had to judge. Raises UsageProblem if the file is damaged."""
    return _read(directory / EXPECTED)


def _read(path: Path) -> Expected:
    try:
        return Expected.model_validate_json(read_file(path))
    except ValidationError as problem:
        why = first_mistake(problem)
    except OSError as problem:
        why = f"it cannot be read: {problem.strerror}"
    raise UsageProblem(f"{path} is damaged, so it is unknown what its run had to judge: {why}")
