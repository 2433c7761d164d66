"""pytest's hooks in a run with `--env`: one set for every process, one for the controller alone."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from _pytest.doctest import DoctestModule  # a module of which only the documentation is collected; no public name

from pytest_examday.core.outcome import INCONCLUSIVE_PREFIX
from pytest_examday.errors import UsageProblem
from pytest_examday.run.terminal_text import printable
from pytest_examday.session import marks
from pytest_examday.session.collection_mistakes import (
    gates_among,
    refuse_duplicates,
    refuse_late_gates,
    refuse_late_hooks,
    refuse_unknown_marks,
)
from pytest_examday.session.controller import CONTROLLER
from pytest_examday.session.expected_gates import note_expected
from pytest_examday.session.items import ANCHOR, RehearsalFile, RehearsalItem
from pytest_examday.session.noted_exceptions import note_raised, noting_raised
from pytest_examday.session.outcomes import USAGE, message_of, properties
from pytest_examday.session.rehearsal import REHEARSAL
from pytest_examday.session.replaced_tests import note_lost_cases
from pytest_examday.session.suites import HOOKS
from pytest_examday.session.users_gates import note_users_gates
from pytest_examday.session.watched_body import call_watched_body, watch_body
from pytest_examday.session.worker_watch import watch_worker


@contextmanager
def _ending_the_run(config: pytest.Config, nodeid: str) -> Iterator[None]:
    """End the run with one line and status 4 if a UsageProblem is raised.

    A worker sends it to the controller, which ends the run: xdist takes an exception during a worker's collection for
    an internal error.
    """
    try:
        yield
    except UsageProblem as problem:
        message = printable(config.stash[REHEARSAL].target.files.redactor.clean(str(problem)))
        if not hasattr(config, "workerinput"):
            raise pytest.UsageError(message) from None
        report = pytest.CollectReport(nodeid, "failed", message, [])
        setattr(report, USAGE, message)
        config.hook.pytest_collectreport(report=report)


class RehearsalHooks:
    """Collection and reports, in every process."""

    def __init__(self, config: pytest.Config) -> None:
        self._rehearsal = config.stash[REHEARSAL]
        self._found: list[pytest.Item] = []
        self._modules: list[pytest.Module] = []
        self._mistakes: list[str] = []
        self._deselected: list[pytest.Item] = []
        self._in_time = config.pluginmanager.get_plugins()
        self._late: list[str] = []
        self._innermost = InnermostHooks()

    def pytest_plugin_registered(self, plugin: object, plugin_name: str, manager: pytest.PytestPluginManager) -> None:
        """Note hooks of this plugin that come too late to be called, for instance in the conftest.py of a subfolder;
        and register the innermost hooks again, so that they run nearer to a test than those of this plugin."""
        if plugin is self._innermost:
            return
        if manager.is_registered(self._innermost):
            manager.unregister(self._innermost)
        manager.register(self._innermost, "examday-innermost")
        if plugin not in self._in_time:
            self._late += [f"{plugin_name}: {name}" for name in sorted(vars(plugin)) if name.startswith(HOOKS)]

    def pytest_sessionfinish(self) -> None:
        """Undo what this process has changed for the whole run: a worker, before it tells the controller its end. The
        controller has done so before it judged."""
        self._rehearsal.undo_changes()

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Note what an option of pytest has deselected."""
        self._deselected += items

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Collect the anchor file if an argument of the command line names it, not as one file of a folder."""
        return RehearsalFile.of(parent) if file_path == ANCHOR and parent.session.isinitpath(file_path) else None

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Note which tests there are, before `--last-failed` or a node id leaves some of them out."""
        report = yield
        note_lost_cases(found for found in report.result or () if isinstance(found, pytest.Item))
        self._found += [found for found in report.result or () if isinstance(found, pytest.Item)]
        if isinstance(collector, pytest.Module) and not isinstance(collector, DoctestModule) and report.passed:
            self._modules.append(collector)
        return report

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Give gates and phases their short marks before `-m` selects, and note gate and phase for the report."""
        try:
            marks.refuse_misspelled_gate(item)
            gate, phase = marks.gate_name(item), marks.phase_number(item)
        except UsageProblem as problem:
            self._mistakes.append(str(problem))
            return
        if isinstance(item, RehearsalItem) and item.config.pluginmanager.hasplugin("timeout"):
            item.add_marker(pytest.mark.timeout(0))  # activities have deadlines of their own; a cut drill leaves faults
        if gate is not None:
            item.add_marker("gates")
        if phase is not None:
            item.add_marker(f"phase{phase}")
        item.user_properties += properties(gate, phase, marks.title(item))
        if gate is not None and not isinstance(item, RehearsalItem):
            watch_body(item)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
        """Note the gates before tests are deselected; afterwards, plan the activities that the selected tests need."""
        collected = tuple(items)
        gates: tuple[pytest.Item, ...] = ()
        with _ending_the_run(config, ""):
            gates = gates_among((*self._found, *items), self._modules, self._mistakes)
            refuse_late_hooks(self._late)
            refuse_unknown_marks(config, items)
            refuse_duplicates(items)
            note_users_gates(self._rehearsal.directory, items)
            note_expected(self._rehearsal, gates, self._modules, collected, (), ())
        yield
        with _ending_the_run(config, ""):
            refuse_late_gates((*collected, *items))
            note_expected(self._rehearsal, gates, self._modules, collected, self._deselected, items)
        self._rehearsal.plan(set().union(*(marks.needs(item) for item in items)))


class InnermostHooks:
    """Note what the stages of a test raise. They are registered again after each plugin, so that no wrapper of a
    conftest.py is nearer to the test and hides an exception from them."""

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None]:
        """Note what is raised, and turn Unmeasurable into a failure of one line."""
        with noting_raised(item, "setup"):
            yield

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None]:
        """Note what is raised, before a plugin hides it, and turn Unmeasurable into a failure of one line."""
        call_watched_body(item)
        with noting_raised(item, "call"):
            yield

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None]:
        """Note what is raised, before a plugin hides it, and turn Unmeasurable into a failure of one line."""
        with noting_raised(item, "teardown"):
            yield

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note also what only the report would show: a subtest and a TestCase of unittest keep their exceptions to
        themselves."""
        report = yield
        if call.excinfo is not None:
            note_raised(item, call.when, call.excinfo.value)
            report.user_properties += [noted for noted in item.user_properties if noted not in report.user_properties]
        return report


class ControllerHooks:
    """The hooks of the controller: workers, outcomes, board and report. The verdict is made by the control of the exit
    status, before anybody's `pytest_sessionfinish`."""

    def __init__(self, config: pytest.Config) -> None:
        self._controller = config.stash[CONTROLLER]
        self._scheduling: Any = None

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell an xdist worker which run it belongs to."""
        node.workerinput["examday"] = self._controller.for_workers()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """Run all tests of the rehearsal in one worker and in order, whatever `--dist` says."""
        from pytest_examday.session.scheduling import RehearsalScheduling

        self._scheduling = RehearsalScheduling(config, log)
        return self._scheduling

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodeready(self, node: Any) -> None:
        """Watch an xdist worker that has started."""
        watch_worker(node)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Note an xdist worker that has died. `error` is None if it has ended, and a text of xdist's if it was
        interrupted.

        A worker in which `pytest.exit` was called ends with tests that it has not run; xdist is told to stop, or it
        takes that for a mistake of its own.
        """
        if error is None and self._scheduling is not None and self._scheduling.has_work(node):
            worker = str(node.gateway.id)
            self._controller.note_died(worker)
            node.workeroutput["shouldstop"] = (
                node.workeroutput["shouldstop"] or f"worker {worker} ended before its tests"
            )
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

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(
        self, report: pytest.TestReport
    ) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """Show a test that could not be judged as INCONCLUSIVE, without a place among the failures: one cause may leave
        every test without a measurement."""
        if report.when == "call" and report.failed and message_of(report).startswith(INCONCLUSIVE_PREFIX):
            return "inconclusive", "I", ("INCONCLUSIVE", {"yellow": True})
        return None

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
