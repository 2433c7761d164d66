"""Why the test of a gate was not run, in words."""

import pytest

from pytest_examday.session.expected_gates import Expected
from pytest_examday.session.items import ANCHOR, ROOT


def why_not_run(gate: str, test: str | None, expected: Expected, config: pytest.Config, session: pytest.Session) -> str:
    """Why the test of a gate left no report, in words for the person who reads the verdict.

    `gate` is the name of the gate, `test` the node id of the test; None if no test of the gate was found.
    """
    if session.exitstatus == pytest.ExitCode.INTERRUPTED:
        return "the run was interrupted before this gate"
    if config.option.collectonly or config.option.setupplan:
        return "nothing was run, only collected"
    its_test = "its test" if len(expected.tests.get(gate, ())) < 2 else f"its test {test}"
    if test not in expected.collected:
        return f"{its_test} is not part of what was asked for: {asked_for(config)}"
    if test in expected.deselected:
        return f"{its_test} was deselected: {_selection(config)}"
    if test not in expected.selected:
        return f"{its_test} was taken out of the run by a plugin or conftest.py"
    stopped = session.shouldfail or session.shouldstop
    process_ended = f"{its_test} did not run: the process that had it ended"
    return f"the run ended before it: {stopped}" if stopped else process_ended


def asked_for(config: pytest.Config) -> str:
    """The paths and node ids for which the run was asked, and the options that leave files out."""
    arguments = [argument.replace(str(ANCHOR), ROOT) for argument in config.args]
    arguments += [f"--ignore {path}" for path in config.option.ignore or ()]
    arguments += [f"--ignore-glob {pattern}" for pattern in config.option.ignore_glob or ()]
    arguments += ["--last-failed"] if getattr(config.option, "lf", False) else []
    return " ".join(arguments) or "no path"


def _selection(config: pytest.Config) -> str:
    """The options that select tests."""
    expressions = {"-k": config.option.keyword, "-m": config.option.markexpr}
    options = [f"{option} {value!r}" for option, value in expressions.items() if value]
    options += [f"--deselect {prefix}" for prefix in config.option.deselect or ()]
    return ", ".join(options) or "by a plugin or an option such as --last-failed"
