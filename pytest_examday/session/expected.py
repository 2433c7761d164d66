"""Keeps in the run directory what a run has to judge. So a gate that did not run is reported as missing, with the
reason. If an earlier run is judged again, a gate or line of it that is missing now is reported too."""

import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field, ValidationError

from pytest_examday.core.gate import GateResult
from pytest_examday.errors import UsageProblem
from pytest_examday.evidence.first_mistake import first_mistake
from pytest_examday.named_files import read_file
from pytest_examday.record import Record
from pytest_examday.session.earlier_run import EXPECTED
from pytest_examday.session.items import ANCHOR, ROOT
from pytest_examday.session.marks import gate_name, place_of
from pytest_examday.session.rehearsal import Rehearsal
from pytest_examday.session.users_gates import users_gates

_FILE = ".expected-{}.json"


class ExpectedOfSuite(Record):
    """The names of a suite's gates as a verdict gives them; and its lines: key -> the names of the line's gates."""

    gates: tuple[str, ...] = ()
    lines: dict[str, tuple[str, ...]] = Field({})


class Expected(Record):
    """What a run expected: its suites by name, and the user's gates.

    `tests` maps each gate to the node ids of all tests of it that pytest has found; `files` are the node ids of the
    modules that it has read; `places` are the lines on which
    tests of gates begin, as `file:line`. Node ids are also `collected`, those that were asked for; `deselected`, those
    that options of pytest took out again; and `selected`, those that were left to be run.
    """

    schema_: Literal["examday/expected/1"] = Field(default="examday/expected/1", alias="schema")
    suites: dict[str, ExpectedOfSuite]
    users_gates: tuple[str, ...] = ()
    tests: dict[str, tuple[str, ...]] = Field({})
    files: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    collected: frozenset[str] = frozenset()
    deselected: frozenset[str] = frozenset()
    selected: frozenset[str] = frozenset()


def note_expected(
    rehearsal: Rehearsal,
    found: Iterable[pytest.Item],
    modules: Iterable[pytest.Module],
    collected: Iterable[pytest.Item],
    deselected: Iterable[pytest.Item],
    selected: Iterable[pytest.Item],
) -> None:
    """Write what this process expects into the run directory; `found` are tests of gates, `modules` those that pytest
    has read, the others any tests."""
    suites = {
        suite.name: ExpectedOfSuite(
            gates=tuple(suite.gate_by_name),
            lines={line.key: line.gates for line in suite.lines_in(rehearsal.activities)},
        )
        for suite in rehearsal.suites
    }
    tests: dict[str, dict[str, None]] = {}
    for item in found:
        tests.setdefault(gate_name(item) or "", {})[item.nodeid] = None
    made = Expected(
        suites=suites,
        tests={gate: tuple(nodeids) for gate, nodeids in tests.items()},
        files=frozenset(module.nodeid for module in modules),
        places=frozenset(place_of(item) for item in found),
        collected=_gates(collected),
        deselected=_gates(deselected),
        selected=_gates(selected),
    )
    rehearsal.target.files.store.replace(rehearsal.directory / _FILE.format(os.getpid()), made.to_json())


def _gates(items: Iterable[pytest.Item]) -> frozenset[str]:
    return frozenset(item.nodeid for item in items if gate_name(item) is not None)


def expected_of(directory: Path) -> Expected:
    """What all processes of the run in this directory expect, while it runs. Raises UsageProblem if a file is
    damaged."""
    processes = [_read(path) for path in sorted(directory.glob(_FILE.format("*")))]
    users = (*users_gates(directory), *(name for process in processes for name in process.users_gates))
    return Expected(
        suites={name: suite for process in processes for name, suite in process.suites.items()},
        users_gates=tuple(dict.fromkeys(users)),
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


def gates_not_judged_again(earlier: Expected, rehearsal: Rehearsal, present: Collection[str]) -> tuple[GateResult, ...]:
    """The gates of the earlier run that are not among those `present` in this one; none of a suite that this run knows
    and leaves out, because the verdict names that suite."""
    of_tests = "the earlier run had this gate in a test of the user's, which this run did not collect: add its path"
    missing: dict[str, tuple[str, str | None]] = dict.fromkeys(earlier.users_gates, (of_tests, None))
    suites = {suite.name for suite in rehearsal.suites}
    for name, suite in earlier.suites.items():
        what = f"this gate in the suite {name}" if name in suites else f"the suite {name} with this gate"
        reason = f"the earlier run had {what}, and this run has not: load the conftest.py or plugin that adds it"
        if name not in rehearsal.left_out:
            missing |= dict.fromkeys(suite.gates, (reason, name if name in suites else None))
    return tuple(
        GateResult(name=name, outcome="inconclusive", reason=reason, title=name, suite=known_suite)
        for name, (reason, known_suite) in missing.items()
        if name not in present
    )


def lines_not_judged_again(earlier: Expected, rehearsal: Rehearsal) -> Mapping[str, str]:
    """Gate -> the reason why it is not what it was in the earlier run: lines that counted for it are missing."""
    reasons: dict[str, str] = {}
    for suite in rehearsal.suites:
        had = earlier.suites.get(suite.name, ExpectedOfSuite()).lines
        has = {line.key for line in suite.lines_in(rehearsal.activities)}
        for gate in suite.gates:
            missing = [key for key, gates in had.items() if gate.name in gates and key not in has]
            excused = [key for key in missing if key in suite.excused]
            if excused:
                reasons[suite.full_name(gate)] = (
                    f"the earlier run judged this gate by {excused[0]} too, and this run does not: "
                    f"{suite.excused[excused[0]]}"
                )
            elif missing:
                reasons[suite.full_name(gate)] = (
                    f"the earlier run judged this gate by {', '.join(missing)} too, and this run has no such line: "
                    "load the conftest.py or plugin that adds it, or use the profile of the earlier run"
                )
    return reasons


def why_not_run(gate: str, test: str | None, expected: Expected, config: pytest.Config, session: pytest.Session) -> str:
    """Why a test of a gate left no report; `test` is its node id, None if no test of the gate was found."""
    if session.exitstatus == pytest.ExitCode.INTERRUPTED:
        return "the run was interrupted before this gate"
    if config.option.collectonly or config.option.setupplan:
        return "nothing was run, only collected"
    what = "its test" if len(expected.tests.get(gate, ())) < 2 else f"its test {test}"
    if test not in expected.collected:
        return f"{what} is not part of what was asked for: {asked_for(config)}"
    if test in expected.deselected:
        return f"{what} was deselected: {_selection(config)}"
    if test not in expected.selected:
        return f"{what} was taken out of the run by a plugin or conftest.py"
    stopped = session.shouldfail or session.shouldstop
    return f"the run ended before it: {stopped}" if stopped else f"{what} did not run: the process that had it ended"


def asked_for(config: pytest.Config) -> str:
    """The paths and node ids that are collected, and the options that leave files out."""
    arguments = [argument.replace(str(ANCHOR), ROOT) for argument in config.args]
    arguments += [f"--ignore {path}" for path in config.option.ignore or ()]
    arguments += [f"--ignore-glob {pattern}" for pattern in config.option.ignore_glob or ()]
    arguments += ["--last-failed"] if getattr(config.option, "lf", False) else []
    return " ".join(arguments) or "no path"


def _selection(config: pytest.Config) -> str:
    """The options that select tests."""
    given = {"-k": config.option.keyword, "-m": config.option.markexpr}
    options = [f"{option} {value!r}" for option, value in given.items() if value]
    options += [f"--deselect {prefix}" for prefix in config.option.deselect or ()]
    return ", ".join(options) or "by a plugin or an option such as --last-failed"
