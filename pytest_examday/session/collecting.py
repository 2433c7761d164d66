"""Adds the rehearsal to the paths that pytest collects."""

from collections.abc import Generator, Iterable
from pathlib import Path

import pytest

import pytest_examday.suites
from pytest_examday.core.suite import Suite
from pytest_examday.session.items import ANCHOR, ROOT, RehearsalFile
from pytest_examday.session.typed_options import typed_paths

FOLDER = Path(pytest_examday.suites.__file__).parent
PACKAGE = pytest_examday.suites.__name__


def add_to(config: pytest.Config, suites: Iterable[Suite], includes_all_lines: bool | None = None) -> bool:
    """Add the lines and gates of the rehearsal to what pytest collects; returns whether the run includes all of them.

    If the user types paths, only those are collected; but if the mark expression selects gates, the rehearsal is
    added, because a verdict needs it. Paths that an ini file adds (`addopts`) say, as `testpaths` do, which of the
    user's tests are collected, and leave no gate out. `--pyargs pytest_examday.suites` collects the rehearsal alone,
    without the user's own tests. A node id such as `examday::exam::phase1::test_…` collects that part.

    `includes_all_lines` is None in the controller; in a worker it is the value that this function has returned in the
    controller.
    """
    of_package = [argument for argument in config.args if argument == PACKAGE or Path(argument).absolute() == FOLDER]
    of_nodes = [argument for argument in config.args if argument.partition("::")[0] == ROOT]
    config.args = [argument for argument in config.args if argument not in (*of_package, *of_nodes)]
    if includes_all_lines is None:
        selects_gates = bool(gates_asked_for(config, suites))
        includes_all_lines = not typed_paths(config) or bool(of_package) or (not of_nodes and selects_gates)
    if includes_all_lines:
        config.pluginmanager.register(AfterAllPaths(), "examday-collecting")
    else:
        config.args += [f"{ANCHOR}{argument.removeprefix(ROOT)}" for argument in of_nodes]
    return includes_all_lines


class AfterAllPaths:
    """Adds the rehearsal to what the session has collected, after all paths.

    The tests of the rehearsal have no file. `session/rehearsal.examday` is a placeholder file (`ANCHOR`) that gives
    their node ids a path. It is not added to pytest's paths: pytest would drop it if another path contains it, or (with
    duplicates kept) enter the virtual environment in which the plugin is installed and collect the tests of other
    packages.
    """

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Append the rehearsal to what the session has collected."""
        report = yield
        if isinstance(collector, pytest.Session) and report.passed:
            report.result = [*(report.result or ()), RehearsalFile.of(collector)]
        return report


def gates_asked_for(config: pytest.Config, suites: Iterable[Suite]) -> tuple[str, ...]:
    """The suites whose gates the mark expression selects; none if there is no mark expression."""
    from _pytest.mark.expression import Expression  # no public way to ask what -m means

    text = config.option.markexpr
    if not text:
        return ()
    try:
        expression = Expression.compile(text)
        return tuple(
            suite.name
            for suite in suites
            if expression.evaluate(lambda name, /, own=suite.name, **_: name in ("gate", "gates", own))
        )
    except Exception:  # noqa: BLE001 # its type differs from pytest to pytest; pytest will refuse the expression itself
        return tuple(suite.name for suite in suites)
