"""How xdist distributes the tests: the whole rehearsal goes to one worker; the user's tests are distributed as before.

Groups of xdist cannot do this: pytest 9.2 with xdist 3.8 ignores `xdist_group` (xdist issue 1386), and one group for
each phase would run phases at the same time. Its own schedulers wait for ever if a worker dies: a worker runs a test
only when it knows the next test or is told that there is none, and the worker that replaces a dead one may be given
only one test.
"""

from collections import deque
from collections.abc import Sequence
from typing import Any, Protocol

import pytest
from xdist.report import report_collection_diff  # type: ignore[import-untyped] # xdist ships no types
from xdist.workermanage import parse_tx_spec_config  # type: ignore[import-untyped] # xdist ships no types

from pytest_examday.session.items import ROOT

_ENOUGH = 2
"""A worker with so many tests runs the first of them."""


class Worker(Protocol):
    """What the scheduler uses of xdist's WorkerController."""

    gateway: Any

    @property
    def shutting_down(self) -> bool:
        """Whether the worker has ended, or was told that no further test comes."""

    def send_runtest_some(self, indices: Sequence[int]) -> None:
        """Send tests, by their places in the worker's collection. Raises OSError if the worker has died."""

    def shutdown(self) -> None:
        """Tell the worker that no further test comes."""


class RehearsalScheduling:
    """Gives the tests of the rehearsal to one worker, as one unit of work. The user's tests are divided as `--dist`
    says, or one by one if it is not given.

    Each worker that has not been shut down has at least two tests, so that it runs one; else it is shut down. The test
    in which a worker died is not run again. What it had not begun goes to other workers, or to the one in its place.
    """

    def __init__(self, config: pytest.Config, log: Any) -> None:
        self._config = config
        self._log = log
        self._by = {"loadscope": "::", "loadfile": "::"}.get(config.option.dist)
        self._whole_file = config.option.dist == "loadfile"
        self._to_come = len(parse_tx_spec_config(config))
        self._collected: dict[Worker, list[str]] = {}
        self._tests: list[str] | None = None
        self._waiting: deque[list[int]] = deque()
        self._given: dict[Worker, list[int]] = {}

    @property
    def nodes(self) -> list[Worker]:
        """The workers that have started and not ended."""
        return list(self._given)

    @property
    def collection_is_completed(self) -> bool:
        """Whether all workers with which the run began have collected, or ended before it."""
        return self._tests is not None or (
            self._to_come <= 0 < len(self._collected) and len(self._collected) == len(self._given)
        )

    @property
    def tests_finished(self) -> bool:
        """Whether no test waits for a worker, and no worker waits for a further test."""
        return (
            self.collection_is_completed
            and not self._waiting
            and all(len(given) < _ENOUGH for given in self._given.values())
        )

    @property
    def has_pending(self) -> bool:
        """Whether there are tests that have not been run."""
        return bool(self._waiting) or any(self._given.values())

    def has_work(self, node: Worker) -> bool:
        """Whether a worker has tests that it has not run."""
        return bool(self._given.get(node))

    def add_node(self, node: Worker) -> None:
        """Note a worker that has started; it collects next."""
        self._to_come -= 1
        self._given[node] = []

    def add_node_collection(self, node: Worker, collection: Sequence[str]) -> None:
        """Note what a worker has collected."""
        self._collected[node] = list(collection)

    def schedule(self) -> None:
        """Give work to the workers that have none, after a worker has collected."""
        if self._tests is None:
            self._tests = next(iter(self._collected.values()))
            self._waiting.extend(self._units(self._tests))
        for node in [node for node in self._collected if self._differs(node, self._tests)]:
            del self._collected[node]
            self._waiting.clear()  # nobody knows which tests there are
            node.shutdown()
        for node in self._collected:
            self._give(node, 1)  # one each, before one of them gets two
        self._feed()

    def mark_test_complete(self, node: Worker, item_index: int, duration: float = 0) -> None:
        """Note that a worker has run a test."""
        self._given[node].remove(item_index)
        self._feed()

    def remove_node(self, node: Worker) -> str | None:
        """Forget a worker that has ended. Returns the test that it was running, None if it was running none.

        Raises KeyError if it ended before it had started.
        """
        given = self._given.pop(node)
        self._collected.pop(node, None)
        if self._tests is None and self.collection_is_completed:
            self.schedule()  # the others have waited for this one alone
        if self._tests is None or not given:
            return None
        running, *rest = given
        if rest:
            self._waiting.appendleft(rest)
        self._feed()
        return self._tests[running]

    def mark_test_pending(self, item: str) -> None:
        """Refuse to run a test again: a worker died in it."""
        raise NotImplementedError

    def remove_pending_tests_from_node(self, node: Worker, indices: Sequence[int]) -> None:
        """Required by xdist's protocol, and not used: xdist calls it to take tests from a worker that is still
        running."""
        raise NotImplementedError

    def _units(self, tests: Sequence[str]) -> list[list[int]]:
        """The units of tests that stay together, by their places in the collection. The longest units come first,
        unless the user has turned that off."""
        units: dict[str, list[int]] = {}
        for place, nodeid in enumerate(tests):
            units.setdefault(self._split_scope(nodeid), []).append(place)
        if self._config.option.loadscopereorder:
            return sorted(units.values(), key=len, reverse=True)
        return list(units.values())

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        if file == ROOT:
            return ROOT
        if self._by is None:
            return nodeid
        return file if self._whole_file else nodeid.rsplit("::", 1)[0]

    def _feed(self) -> None:
        for node in self._collected:
            while self._waiting and self._give(node, _ENOUGH):
                pass
            if not self._waiting and not node.shutting_down:
                node.shutdown()

    def _give(self, node: Worker, enough: int) -> bool:
        """Send the next unit to a worker that has fewer tests than `enough`. Returns whether it was sent."""
        if node.shutting_down or len(self._given[node]) >= enough or not self._waiting:
            return False
        unit = self._waiting.popleft()
        try:
            node.send_runtest_some(unit)
        except OSError:  # it has died, and xdist will say so
            self._waiting.appendleft(unit)
            return False
        self._given[node] += unit
        return True

    def _differs(self, node: Worker, tests: list[str]) -> bool:
        """Whether a worker has collected other tests than the first worker. This is then reported to pytest as a file
        that could not be collected."""
        message = report_collection_diff(tests, self._collected[node], "the first worker", node.gateway.id)
        if message:
            report = pytest.CollectReport(node.gateway.id, "failed", message, [])
            self._config.hook.pytest_collectreport(report=report)
        return bool(message)


def limit_restarts(config: pytest.Config) -> None:
    """Let xdist replace four dead workers for each, as it does with `-n`, if the workers are named with `--tx`:
    without a limit, workers that die in collection are replaced for ever."""
    option = config.option
    if option.tx and not option.numprocesses and option.maxworkerrestart is None:
        option.maxworkerrestart = str(4 * len(parse_tx_spec_config(config)))
