"""The user's gates that a run should have had: those that the configuration names, or if it names none, those that
are written in the files of the project."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from pytest_examday.core.gate import GateResult
from pytest_examday.session.expected import Expected, asked_for
from pytest_examday.session.gates_in_source import WrittenGate, files_below, gates_in
from pytest_examday.session.rehearsal import REHEARSAL


def gates_not_collected(config: pytest.Config, expected: Expected, skipped: Mapping[str, str]) -> Iterator[GateResult]:
    """An inconclusive result for each of these gates of which pytest has not found a test.

    `skipped` maps the node ids of files that were skipped as a whole to the reasons.
    """
    environment = config.stash[REHEARSAL].environment
    if environment.gates is None:
        yield from _written(config, expected, skipped)
        return
    collected = ", ".join(sorted(expected.tests.keys() - config.stash[REHEARSAL].suite_of_gate.keys())) or "none"
    for name in dict.fromkeys(environment.gates):
        if name not in expected.tests:
            reason = f"env.{environment.name}.gates names it, and no test with this mark was collected"
            message = f"{reason} (asked for: {asked_for(config)}); gates of collected tests: {collected}"
            yield GateResult(name=name, outcome="inconclusive", reason=message)


def _written(config: pytest.Config, expected: Expected, skipped: Mapping[str, str]) -> Iterator[GateResult]:
    collected = {nodeid.partition("[")[0] for tests in expected.tests.values() for nodeid in tests}
    for path in files_below(_folder_of_project(config)):
        file = Path(os.path.relpath(path, config.rootpath)).as_posix()
        for gate in gates_in(path):
            test = f"{file}::{gate.test}"
            if not _is_collected(gate, file, expected, collected):
                what = f"its test {test}" if gate.test is not None else f"the test meant by {file}, line {gate.line},"
                reason = f"{what} was not collected: {_why(file, skipped, config)}"
                yield GateResult(name=gate.name or test, outcome="inconclusive", reason=reason)


def _folder_of_project(config: pytest.Config) -> Path:
    """The folder of pytest's configuration file, otherwise the folder in which pytest was started: without a file, the
    root of the tests may be a folder that holds other projects too."""
    return config.invocation_params.dir if config.inipath is None else config.inipath.parent


def _is_collected(gate: WrittenGate, file: str, expected: Expected, collected: set[str]) -> bool:
    if gate.test is None:
        return gate.name in expected.tests
    return f"{file}::{gate.test}" in collected or f"{file}:{gate.line}" in expected.places


def _why(file: str, skipped: Mapping[str, str], config: pytest.Config) -> str:
    for nodeid, reason in skipped.items():
        if file == nodeid or file.startswith(f"{nodeid}/"):
            return reason
    return f"asked for: {asked_for(config)}"
