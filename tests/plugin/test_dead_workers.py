"""A run with xdist ends whichever worker dies and whenever it dies, and what a dead worker leaves open is NO-GO."""

import random
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from xdist.dsession import DSession  # type: ignore[import-untyped] # xdist ships no types

from pytest_examday.session import worker_watch
from pytest_examday.session.scheduling import RehearsalScheduling, limit_restarts
from tests.plugin.conftest import Rehearse
from tests.waiting import wait_until

_TESTS = [f"test_mine.py::test_{number}" for number in range(5)]
_LINES = [f"examday::exam::phase1::test_{number}" for number in range(4)]
_MORTAL = {"starts": 0.1, "collects": 0.1, "runs": 0.02}
"""How often a worker dies at a stage."""


@dataclass(eq=False)
class Worker:
    """A worker as xdist has it: it runs a test when it knows the next one or that there is none."""

    name: str
    dies: Callable[[str], bool]
    tell: Callable[[tuple[str, dict[str, Any]]], None]
    collects: list[str]
    stage: str = "starts"
    queue: deque[int | None] = field(default_factory=deque)
    shutting_down: bool = False

    @property
    def gateway(self) -> Any:
        return SimpleNamespace(id=self.name, spec=SimpleNamespace(id=None))

    def send_runtest_some(self, indices: list[int]) -> None:
        if self.stage == "ended":
            raise OSError("cannot send (already closed?)")
        self.queue.extend(indices)

    def shutdown(self) -> None:
        self.shutting_down = True
        self.queue.append(None)

    def can_move(self) -> bool:
        return self.stage in ("starts", "collects") or (
            self.stage == "runs" and (len(self.queue) > 1 or None in self.queue)
        )

    def move(self, log: list[str]) -> None:
        if self.dies(self.stage):
            self._die()
        elif self.stage == "starts":
            self.stage = "collects"
            self.tell(("workerready", {"node": self, "workerinfo": {}}))
        elif self.stage == "collects":
            self.stage = "runs"
            self.tell(("collectionfinish", {"node": self, "ids": self.collects}))
        elif (test := self.queue.popleft()) is None:
            self.stage = "ended"
            self.workeroutput = {"exitstatus": 0, "shouldfail": False, "shouldstop": False}
            self.tell(("workerfinished", {"node": self}))
        else:
            log.append(self.collects[test])
            if self.dies(self.collects[test]):
                self._die()
            else:
                self.tell(("runtest_protocol_complete", {"node": self, "item_index": test, "duration": 0.0}))

    def _die(self) -> None:
        self.stage = "ended"
        self.tell(("errordown", {"node": self, "error": "Not properly terminated"}))


class Run:
    """xdist's own session with the scheduler of rehearsals, and workers that move in an order drawn by `seed`."""

    def __init__(
        self, seed: int, workers: int, dies: Callable[[str], bool], tests: list[str], restarts: int | None
    ) -> None:
        self._draw = random.Random(seed)
        self.ran: list[str] = []
        self.crashed: list[str] = []
        option = SimpleNamespace(
            dist="load", loadscopereorder=True, debug=False, verbose=-1, maxworkerrestart=restarts, numprocesses=workers
        )
        config = MagicMock(option=option)
        config.getvalue = {"tx": [f"{workers}*popen"], "maxfail": 0}.__getitem__
        config.pluginmanager.getplugin.return_value = None
        config.hook.pytest_handlecrashitem = lambda crashitem, **_: self.crashed.append(crashitem)
        self._session = DSession(config)
        self._session._session = SimpleNamespace()
        self._session.nodemanager = SimpleNamespace(
            group=MagicMock(), setup_node=lambda *_: self._worker(), teardown_nodes=lambda: None
        )
        self._session.sched = RehearsalScheduling(config, MagicMock())
        self._tests, self._dies = tests, dies
        self.workers: list[Worker] = []
        for _ in range(workers):
            self._session._active_nodes.add(self._worker())

    def _worker(self) -> Worker:
        made = Worker(f"gw{len(self.workers)}", self._dies, self._session.queue.put, self._tests)
        self.workers.append(made)
        return made

    def end(self) -> None:
        """Let workers and session move, one at a time, until the session has ended; fail if none can."""
        while not self._session.session_finished:
            able = [worker for worker in self.workers if worker.can_move()]
            if able and (self._session.queue.empty() or self._draw.random() < 0.5):
                self._draw.choice(able).move(self.ran)
            else:
                assert not self._session.queue.empty(), f"it hangs after {self.ran}"
                self._session.loop_once()


@pytest.mark.parametrize("restarts", [None, 0])
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_the_session_ends_wherever_workers_die_and_runs_each_test_once(workers: int, restarts: int | None) -> None:
    for seed in range(300):
        draw = random.Random(f"{seed} dies")
        deadly = set(draw.sample(_TESTS + _LINES, draw.choice([0, 1, 1, 2, 3])))
        tests = (_TESTS[: draw.randrange(6)] + _LINES[: draw.randrange(5)]) or _TESTS

        def dies(at: str, draw: random.Random = draw, deadly: set[str] = deadly) -> bool:
            return at in deadly or draw.random() < _MORTAL.get(at, 0.0)

        run = Run(seed, workers, dies, tests, restarts)
        run.end()
        assert len(run.ran) == len(set(run.ran)), "no test ran twice"


def test_tests_after_the_one_in_which_a_worker_died_are_run_by_another() -> None:
    for seed in range(50):
        run = Run(seed, 2, lambda at: at in (_TESTS[0], _LINES[1]), _TESTS + _LINES, None)
        run.end()
        assert sorted(run.ran) == sorted(_TESTS + _LINES)
        assert sorted(run.crashed) == sorted([_TESTS[0], _LINES[1]])


def test_the_lines_of_a_rehearsal_run_in_one_worker_and_in_order() -> None:
    for seed in range(50):
        run = Run(seed, 4, lambda _: False, _TESTS + _LINES, None)
        run.end()
        assert [test for test in run.ran if test in _LINES] == _LINES


def test_a_worker_that_collects_other_tests_ends_the_run() -> None:
    run = Run(0, 2, lambda _: False, _TESTS, None)
    run.workers[1].collects = _TESTS[1:]
    run.end()
    assert run.ran == []


def test_workers_named_by_tx_are_not_replaced_for_ever() -> None:
    option = SimpleNamespace(tx=["2*popen"], numprocesses=None, maxworkerrestart=None)
    limit_restarts(MagicMock(option=option, getvalue=lambda _: option.tx))
    assert option.maxworkerrestart == "8"


def test_a_worker_is_known_to_have_died_though_its_child_holds_the_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_watch, "_POLL_SECONDS", 0.01)
    monkeypatch.setattr(worker_watch, "_GRACE_SECONDS", 0.01)
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    node = MagicMock()
    node.gateway._rinfo.return_value.pid = process.pid
    try:
        worker_watch.watch_worker(node)
        assert not node.channel.close.called
    finally:
        process.kill()
    wait_until(lambda: node.channel.close.called)
    process.communicate()


_DIES = "import os\ndef test_a():\n    os._exit(1)\ndef test_b():\n    pass\n"
_IN_COLLECTION = (
    "import os\ndef pytest_collection_modifyitems(config):\n    if hasattr(config, 'workerinput'): os._exit(0)\n"
)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_worker_that_dies_in_a_users_test_leaves_a_no_go_with_its_name(rehearse: Rehearse, workers: str) -> None:
    run = rehearse("-n", workers, files={"test_mine.py": _DIES}, apart=True)
    assert run.exit_status == 1, run.output
    assert run.verdict["verdict"] == "NO-GO"
    (why,) = run.verdict["obstacles"]
    assert why.endswith(" died in test_mine.py::test_a")
    assert {gate["outcome"] for gate in run.verdict["gates"]} == {"pass"}, "the other worker, or the new one, ran them"


def test_a_worker_that_dies_in_a_line_leaves_that_line_inconclusive(rehearse: Rehearse) -> None:
    rude = "import os\ndef pytest_runtest_call(item):\n    if item.name == 'test_duplicate_submits': os._exit(0)\n"
    files = {"rude.py": rude, "pyproject.toml": "[tool.pytest]\npythonpath = ['.']\naddopts = ['-p', 'rude']\n"}
    run = rehearse("-n", "1", files=files, apart=True)
    assert run.exit_status == 1, run.output
    (line,) = [line for line in run.verdict["lines"] if line["outcome"] != "pass"]
    assert (line["key"], line["outcome"]) == ("duplicate-submits", "inconclusive")
    open_gates = {gate["name"]: gate["outcome"] for gate in run.verdict["gates"] if gate["outcome"] != "pass"}
    assert set(open_gates) == set(line["gates"])


def test_workers_that_die_in_collection_leave_a_no_go_that_says_so(rehearse: Rehearse) -> None:
    files = {"conftest.py": _IN_COLLECTION}
    run = rehearse("-n", "1", "--max-worker-restart", "1", files=files, apart=True)
    assert run.exit_status != 0, run.output
    assert run.verdict["obstacles"] == ["worker gw0 died outside of a test", "worker gw1 died outside of a test"]
    assert {gate["reason"] for gate in run.verdict["gates"]} == {
        "its test did not run: worker gw1 died outside of a test"
    }
