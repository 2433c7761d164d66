"""pytest's hooks in a run with `--env`: one set for every process, one for the controller alone."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pytest_examday.errors import Unmeasurable, UsageProblem
from pytest_examday.run.terminal_text import printable
from pytest_examday.session import marks
from pytest_examday.session.clean_report import clean_report, clean_what_writes
from pytest_examday.session.controller import CONTROLLER
from pytest_examday.session.expected import note_expected
from pytest_examday.session.items import ANCHOR, RehearsalFile, RehearsalItem
from pytest_examday.session.outcomes import USAGE, properties
from pytest_examday.session.rehearsal import REHEARSAL
from pytest_examday.session.selection import (
    note_users_gates,
    refuse_duplicates,
    refuse_late_hooks,
    refuse_unknown_marks,
)
from pytest_examday.session.suites import HOOKS
from pytest_examday.session.worker_watch import watch_worker


@contextmanager
def _in_one_line() -> Iterator[None]:
    try:
        yield
    except Unmeasurable as reason:
        raise pytest.fail.Exception(printable(f"INCONCLUSIVE: {reason}"), pytrace=False) from None


@contextmanager
def _ending_the_run(config: pytest.Config, nodeid: str) -> Iterator[None]:
    """End the run with one line and status 4 where a UsageProblem is raised.

    A worker sends it to the controller, which ends the run: xdist takes an exception during a worker's collection for
    an internal error.
    """
    try:
        yield
    except UsageProblem as problem:
        told = printable(config.stash[REHEARSAL].target.run.redactor.clean(str(problem)))
        if not hasattr(config, "workerinput"):
            raise pytest.UsageError(told) from None
        report = pytest.CollectReport(nodeid, "failed", told, [])
        setattr(report, USAGE, told)
        config.hook.pytest_collectreport(report=report)


class RehearsalHooks:
    """Collection and reports, in every process."""

    def __init__(self, config: pytest.Config) -> None:
        self._rehearsal = config.stash[REHEARSAL]
        self._redactor = self._rehearsal.target.run.redactor
        self._deselected: list[pytest.Item] = []
        self._in_time = config.pluginmanager.get_plugins()
        self._late: list[str] = []

    def pytest_plugin_registered(self, plugin: object, plugin_name: str) -> None:
        """Have what pytest's own plugins write cleaned, and note hooks of a plugin that come too late to be asked, for
        instance in a conftest.py of a folder below."""
        clean_what_writes(plugin, plugin_name, self._redactor)
        if plugin not in self._in_time:
            self._late += [f"{plugin_name}: {name}" for name in sorted(vars(plugin)) if name.startswith(HOOKS)]

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Note what an option of pytest has deselected."""
        self._deselected += items

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Collect the lines and gates that a node id names, but not where a folder with the anchor is collected."""
        return RehearsalFile.of(parent) if file_path == ANCHOR and parent.session.isinitpath(file_path) else None

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Give gates and phases their short marks before `-m` selects, and note gate and phase for the report."""
        gate = phase = None
        with _ending_the_run(item.config, item.nodeid):
            gate, phase = marks.gate_name(item), marks.phase_number(item)
        if isinstance(item, RehearsalItem) and item.config.pluginmanager.hasplugin("timeout"):
            item.add_marker(pytest.mark.timeout(0))  # activities have deadlines of their own; a cut drill leaves faults
        if gate is not None:
            item.add_marker("gates")
        if phase is not None:
            item.add_marker(f"phase{phase}")
        item.user_properties += properties(gate, phase, marks.title(item))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
        """Note the gates before tests are deselected; afterwards, plan the activities that the selected tests need."""
        collected = tuple(items)
        with _ending_the_run(config, ""):
            refuse_late_hooks(self._late)
            refuse_unknown_marks(config, items)
            refuse_duplicates(items)
            note_users_gates(self._rehearsal.directory, items)
            note_expected(self._rehearsal, collected, (), ())
        yield
        with _ending_the_run(config, ""):
            note_expected(self._rehearsal, collected, self._deselected, items)
        self._rehearsal.plan(set().union(*(marks.needs(item) for item in items)))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self) -> Generator[None]:
        """Turn Unmeasurable of a fixture into a failure of one line."""
        with _in_one_line():
            yield

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None]:
        """Turn Unmeasurable of a test into a failure of one line."""
        with _in_one_line():
            yield

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self) -> Generator[None]:
        """Turn Unmeasurable of a teardown into a failure of one line."""
        with _in_one_line():
            yield

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Remove secrets from the report before it leaves the process, when all others have added to it."""
        report = yield
        clean_report(report, self._redactor)
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Remove secrets from what could not be collected."""
        report = yield
        clean_report(report, self._redactor)
        return report

    def pytest_make_parametrize_id(self, val: object, argname: str) -> str | None:
        """Give a case of a test the name of its argument where its value would put a secret into the id."""
        return f"{argname}-hidden" if isinstance(val, str) and self._redactor.clean(val) != val else None


class ControllerHooks:
    """The hooks of the controller: workers, outcomes, verdict and report."""

    def __init__(self, config: pytest.Config) -> None:
        self._controller = config.stash[CONTROLLER]

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell an xdist worker which run it belongs to."""
        node.workerinput["examday"] = self._controller.for_workers()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """Run all tests of the rehearsal in one worker and in order, whatever `--dist` says."""
        from pytest_examday.session.scheduling import RehearsalScheduling

        return RehearsalScheduling(config, log)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodeready(self, node: Any) -> None:
        """Watch an xdist worker that has started."""
        watch_worker(node)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Note an xdist worker that has died. `error` is None where it has ended, and a text of xdist's where it was
        interrupted."""
        if error not in (None, "keyboard-interrupt"):
            self._controller.note_died(str(node.gateway.id))

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport) -> None:
        """Note the test in which an xdist worker has died."""
        self._controller.note_died_in(str(report.node.gateway.id), crashitem, report)

    def pytest_report_header(self) -> list[str]:
        """Show environment, permissions and run directory."""
        return self._controller.header()

    def pytest_sessionstart(self) -> None:
        """Begin to show progress."""
        self._controller.begin()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note what could not be collected, in this process or in a worker."""
        self._controller.note_collected(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note the outcome of a test."""
        self._controller.note(report)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None]:
        """Judge before the report is written; afterwards stop what was started and set the exit status by the
        verdict."""
        try:
            self._controller.judge(session)
            yield
        finally:
            self._controller.end(session)

    @pytest.hookimpl(tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write the GO/NO-GO board."""
        self._controller.show_board(terminalreporter)

    def pytest_unconfigure(self) -> None:
        """Stop what this run started, also after an error."""
        self._controller.stop()

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_report_title(self, report: Any) -> None:
        """Set the report's title."""
        report.title = self._controller.report_title()

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_summary(self, prefix: list[str]) -> None:
        """Put the verdict at the top of the report."""
        prefix.append(self._controller.banner())

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_header(self, cells: list[str]) -> None:
        """Add columns for phase and gate."""
        from pytest_examday.report.columns import header_cells

        cells[1:1] = header_cells()

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_row(self, report: pytest.TestReport, cells: list[str]) -> None:
        """Add phase and gate of the test."""
        from pytest_examday.report.columns import row_cells

        cells[1:1] = row_cells(report, self._controller.phases())
