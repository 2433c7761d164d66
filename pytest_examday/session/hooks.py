"""The hooks of a run with `--env`: one set for every process, one for the controller alone."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pytest_examday.errors import Unmeasurable, UsageProblem
from pytest_examday.session import marks
from pytest_examday.session.clean_report import clean_report
from pytest_examday.session.controller import CONTROLLER
from pytest_examday.session.items import ANCHOR, RehearsalFile, RehearsalItem
from pytest_examday.session.outcomes import properties
from pytest_examday.session.rehearsal import REHEARSAL
from pytest_examday.session.selection import note_users_gates, refuse_duplicates


@contextmanager
def _in_one_line() -> Iterator[None]:
    try:
        yield
    except Unmeasurable as reason:
        pytest.fail(f"INCONCLUSIVE: {reason}", pytrace=False)


class RehearsalHooks:
    """Collection and reports, in every process."""

    def __init__(self, config: pytest.Config) -> None:
        self._rehearsal = config.stash[REHEARSAL]

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Collect the lines and gates of the rehearsal."""
        return RehearsalFile.of(parent) if file_path == ANCHOR else None

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Give gates and phases their short marks before `-m` selects, and every report its gate and phase."""
        try:
            gate, phase = marks.gate_name(item), marks.phase_number(item)
        except UsageProblem as problem:
            raise pytest.UsageError(str(problem)) from None
        if isinstance(item, RehearsalItem) and item.config.pluginmanager.hasplugin("timeout"):
            item.add_marker(pytest.mark.timeout(0))  # activities have deadlines of their own; a cut drill leaves faults
        if gate is not None:
            item.add_marker("gates")
        if phase is not None:
            item.add_marker(f"phase{phase}")
        item.user_properties += properties(gate, phase, marks.title(item))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None]:
        """Remember the gates before anything is deselected; afterwards plan what the selected tests need."""
        refuse_duplicates(items)
        note_users_gates(self._rehearsal.directory, items)
        yield
        self._rehearsal.plan(set().union(*(marks.needs(item) for item in items)))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self) -> Generator[None]:
        """What a fixture could not measure is one line, and no pass."""
        with _in_one_line():
            yield

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None]:
        """What a test could not measure or must not do is one line, and no pass."""
        with _in_one_line():
            yield

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self) -> Generator[None]:
        """What stopped answering before the end of a test is one line, and no pass."""
        with _in_one_line():
            yield

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """No secret leaves the process in a report."""
        report = yield
        clean_report(report, self._rehearsal.target.run.redactor)
        return report


class ControllerHooks:
    """The run as a whole: workers, outcomes, verdict, report."""

    def __init__(self, config: pytest.Config) -> None:
        self._controller = config.stash[CONTROLLER]

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell an xdist worker which run it belongs to."""
        node.workerinput["examday"] = self._controller.for_workers()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """Keep the rehearsal together and in order, whatever `--dist` says."""
        from pytest_examday.session.scheduling import RehearsalScheduling

        return RehearsalScheduling(config, log)

    def pytest_report_header(self) -> list[str]:
        """Say what is about to happen."""
        return self._controller.header()

    def pytest_sessionstart(self) -> None:
        """Show progress from here on."""
        self._controller.begin()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note of every outcome."""
        self._controller.note(report)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None]:
        """Judge before the report is written, stop what was started, then let the exit status tell the verdict."""
        self._controller.judge(session)
        try:
            yield
        finally:
            self._controller.end(session)

    @pytest.hookimpl(tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The board."""
        self._controller.show_board(terminalreporter)

    def pytest_unconfigure(self) -> None:
        """Whatever happened, nothing that this run started stays behind."""
        self._controller.stop()

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_report_title(self, report: Any) -> None:
        """The report's title."""
        report.title = self._controller.report_title()

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_summary(self, prefix: list[str]) -> None:
        """The verdict at the top of the report."""
        prefix.append(self._controller.banner())

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_header(self, cells: list[str]) -> None:
        """Columns for phase and gate."""
        from pytest_examday.report.columns import header_cells

        cells[1:1] = header_cells()

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_row(self, report: pytest.TestReport, cells: list[str]) -> None:
        """Phase and gate of the test."""
        from pytest_examday.report.columns import row_cells

        cells[1:1] = row_cells(report, self._controller.phases())
