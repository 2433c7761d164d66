"""For all tests: locks and fault journals lie in a folder of this run, not among those of the user; tests that share a
costly fixture run in one process, so that it is made once."""

import os
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped] # xdist ships no types

from pytest_examday.safety.state_directory import VARIABLE
from tests.machine import missing

if find_spec("hypothesis") is not None:  # a rehearsal that is started in the checkout loads this file without it
    from hypothesis import HealthCheck, settings

    # How long an example takes depends on the machine, not on what is tested.
    settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("any-machine")

_TOGETHER = (
    "tests/docker/",
    "tests/integrity/",
    "tests/suites/exam/rules/test_misbehaving_platform.py",
    "tests/suites/exam/stored_exams/",
    "tests/suites/staging/webhooks/",
    "tests/k6/test_defects.py",
    "tests/k6/",
    "tests/packaging/",
    "tests/platform/",
    "tests/webhook_service/",
    "tests/rehearsal/test_whole_rehearsal.py",
    "tests/foreign_platforms/test_json_api_itself.py",
    "tests/foreign_platforms/test_rpc_itself.py",
    "tests/foreign_platforms/test_pages_itself.py",
    "tests/defects/test_holes_in_exam_mode.py",
    "tests/defects/test_without_defect.py",
)
"""Places whose tests share a stack of containers, a database, a platform, distributions or a rehearsal. A test belongs
to the first place that fits."""
_LONG = (
    "tests/suites/exam/rules/test_misbehaving_platform.py",
    "tests/defects/test_without_defect.py",
    "tests/rehearsal/test_whole_rehearsal.py",
    "tests/foreign_platforms/test_rehearsed.py",
    "tests/defects/",
    "tests/docker/",
    "tests/k6/test_defects.py",
    "tests/rehearsal/",
)
"""Places of tests that are rehearsals or take as long as one, the longest first. They start before all others, so that
short tests fill the gaps at the end."""
_WAITING = (*_LONG, *_TOGETHER)
"""Places of tests that mostly wait, in the order in which they start."""
_LONG_SECONDS = 900
"""The timeout of a long test: long enough for a rehearsal on a busy machine."""


_LONG_AT_ONCE = 4
"""Processes that rehearse at the same time. A rehearsal mostly waits; the other processes use the processors for short
tests meanwhile."""


class _Together(LoadScopeScheduling):  # type: ignore[misc] # xdist is not typed
    """Gives each test to any process, but the tests of one place in `_TOGETHER` to one process.

    pytest 9.2 ignores xdist's own groups (xdist issue 1386). A process gets one long test at a time, and at most
    `_LONG_AT_ONCE` processes have one."""

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in _TOGETHER if nodeid.startswith(place)), nodeid)

    def _assign_work_unit(self, node: Any) -> None:
        busy = [
            other for other, units in self.assigned_work.items() if any(map(_is_unfinished_and_long, units.items()))
        ]
        if node in busy or len(busy) >= _LONG_AT_ONCE:
            short = next((scope for scope in self.workqueue if not scope.startswith(_WAITING)), None)
            if short is not None:
                self.workqueue.move_to_end(short, last=False)
        super()._assign_work_unit(node)


def _is_unfinished_and_long(unit: tuple[str, dict[str, bool]]) -> bool:
    scope, finished = unit
    return scope.startswith(_WAITING) and not all(finished.values())


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Leave the tests of the plugin out of a rehearsal that somebody starts in the clone."""
    return True if _rehearses(config) else None


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say that a rehearsal in the clone leaves these tests out."""
    return ["examday: this is the clone; its own tests are left out of the rehearsal"] if _rehearses(config) else []


def _rehearses(config: pytest.Config) -> bool:
    return config.getoption("examday_env", None) is not None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort the tests by the order of `_WAITING`, and give long tests a longer timeout. Tests that need what this
    machine does not have are left out, and `pytest_terminal_summary` says so."""
    lacking = tuple(missing())
    left_out = [item for item in items if any(need.needed_by(item) for need in lacking)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    items.sort(key=_rank)
    for item in items:
        if item.nodeid.startswith(_LONG):
            item.add_marker(pytest.mark.timeout(_LONG_SECONDS))


def _rank(item: pytest.Item) -> int:
    places = enumerate(_WAITING)
    return next((rank for rank, place in places if item.nodeid.startswith(place)), len(_WAITING))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that this machine cannot run; under xdist only this process has a terminal."""
    if _rehearses(terminalreporter.config):
        return
    for need in missing():
        terminalreporter.write_line(
            f"NOT RUN on this machine: the tests that need {need.what}; .ci/run installs that and runs them",
            yellow=True,
        )


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Use the order in which the tests are sorted here; xdist would begin with the largest groups."""
    config.option.loadscopereorder = False
    return _Together(config, log)


@pytest.fixture(scope="session", autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(tmp_path_factory.mktemp("state"))
    yield
    if before is None:
        del os.environ[VARIABLE]
    else:
        os.environ[VARIABLE] = before
