"""The user's gates that a run should have had and that pytest did not collect: those that the configuration names, and
those that are written in the files of the project."""

import os
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from pytest_examday.core.gate import GateResult
from pytest_examday.session.expected_gates import Expected
from pytest_examday.session.gates_in_source import WrittenGate
from pytest_examday.session.gates_of_project import GatesOfProject
from pytest_examday.session.names_of_tests import NamesOfTests
from pytest_examday.session.project_files import folders_of_project, python_files_below
from pytest_examday.session.rehearsal import REHEARSAL
from pytest_examday.session.why_not_run import asked_for


def gates_not_collected(config: pytest.Config, expected: Expected, skipped: Mapping[str, str]) -> Iterator[GateResult]:
    """An inconclusive result for each gate of the project of which pytest has not found a test.

    If the configuration lists gates (`gates` of the environment), only the listed ones are looked for. Otherwise all
    gates are that are written in the files of the project. `skipped` maps the node ids of files that were skipped as a
    whole to the reasons.
    """
    environment = config.stash[REHEARSAL].environment
    yield from _written(config, expected, skipped, environment.gates)
    if environment.gates is None:
        return
    known = ", ".join(sorted(expected.tests.keys() - config.stash[REHEARSAL].suite_of_gate.keys())) or "none"
    for name in dict.fromkeys(environment.gates):
        if name not in expected.tests:
            reason = f"env.{environment.name}.gates names it, and no test with this mark was collected"
            reason = f"{reason} (asked for: {asked_for(config)}); gates of collected tests: {known}"
            yield GateResult(name=name, outcome="inconclusive", reason=reason)


class _Collected:
    """What pytest has collected, by the real paths of files: a link may give a file another path."""

    def __init__(self, config: pytest.Config, expected: Expected) -> None:
        self._root = config.rootpath
        self._names = expected.tests
        self._files = {self._real(file) for file in expected.files}
        self._tests = {
            (self._real(file), test.partition("[")[0])
            for tests in expected.tests.values()
            for file, _, test in (nodeid.partition("::") for nodeid in tests)
        }
        self._places = {
            (self._real(file), line) for file, _, line in (place.rpartition(":") for place in expected.places)
        }

        self._files_of_gates = {file for file, _ in (*self._tests, *self._places)}

    @cache  # noqa: B019 # it lives as long as the search
    def _real(self, file: str | Path) -> str:
        return os.path.realpath(self._root / file)

    def has(self, path: Path, gate: WrittenGate) -> bool:
        """Whether pytest has found this gate, or has read the file and decided that it has none there."""
        file = self._real(path)
        if gate.test is None:
            return gate.names <= self._names.keys() and (not gate.used or file in self._files_of_gates)
        if gate.borrowed and file in self._files:
            return True
        return (file, gate.test) in self._tests or (file, str(gate.line)) in self._places


def _written(
    config: pytest.Config, expected: Expected, skipped: Mapping[str, str], declared: Collection[str] | None
) -> Iterator[GateResult]:
    if declared is not None and not declared:
        return
    project = GatesOfProject(tuple(python_files_below(folders_of_project(config))), NamesOfTests.of(config))
    collected = _Collected(config, expected)
    for path, gate in project.gates():
        file = Path(os.path.relpath(path, config.rootpath)).as_posix()
        names = gate.names if declared is None else gate.names.intersection(declared)
        wanted = declared is None or bool(names)
        if wanted and not collected.has(path, gate):
            test = f"{file}::{gate.test}" if gate.test is not None else f"a gate in {file}:{gate.line}"
            what = f"its test {test}" if gate.test is not None else f"the test meant by {file}, line {gate.line},"
            reason = f"{what} was not collected: {_why(file, skipped, config)}"
            for name in sorted(names) or (test,):
                yield GateResult(name=name, outcome="inconclusive", reason=reason)
    for unreadable in project.unreadable:
        file = Path(os.path.relpath(unreadable.path, config.rootpath)).as_posix()
        if declared is None or any(name.encode() in unreadable.content for name in declared):
            reason = f"it looks as if it had a gate, and this Python cannot read it: {unreadable.why}"
            yield GateResult(name=file, outcome="inconclusive", reason=reason)


def _why(file: str, skipped: Mapping[str, str], config: pytest.Config) -> str:
    for nodeid, reason in skipped.items():
        if file == nodeid or file.startswith(f"{nodeid}/"):
            return reason
    return f"asked for: {asked_for(config)}"
