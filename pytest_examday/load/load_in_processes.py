"""A load on this machine: starts its processes, follows them and makes sure that they end."""

import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.figures import GeneratorFigures
from pytest_examday.load.child_process import ChildProcess
from pytest_examday.load.load_files import LoadFiles
from pytest_examday.load.load_plan import LoadPlan
from pytest_examday.monotonic_clock import now, offset
from pytest_examday.run.progress import ProgressFile

_START_SECONDS = 60
_LEAD_SECONDS = 0.1
"""Seconds from the message that says when the load begins to that moment."""
_POLL_SECONDS = 0.1


class Load(LoadFiles):
    """A load of one or more processes. Entering the `with` block starts them, leaving it ends them, even if they are
    still at work."""

    def __init__(self, plans: Sequence[LoadPlan], logs: Path, progress: ProgressFile) -> None:
        super().__init__(plans)
        self._errors = logs / f"load-{self.activity}.log"
        self._progress = progress
        self._children: list[ChildProcess] = []
        self._over = threading.Event()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Start the load; raises Unmeasurable if a process does not start."""
        with ExitStack() as stack:
            for plan in self.plans:
                child = ChildProcess(plan, self._errors)
                stack.callback(child.end)
                self._children.append(child)
            self._await_ready()
            teller = threading.Thread(target=self._tell, daemon=True)
            stack.callback(teller.join)
            stack.callback(self._over.set)
            teller.start()
            self._stack = stack.pop_all()
        self.begun = now() + _LEAD_SECONDS
        self._say(f"begin {self.begun} {offset()}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def finish(self) -> None:
        """Tell all actors to finish now."""
        self._say("finish")

    def wait(self, seconds: float) -> GeneratorFigures:
        """Wait until every actor has ended; returns the figures of the generator.

        Raises Unmeasurable if a process fails, or if it takes longer than `seconds`.
        """
        deadline = time.monotonic() + seconds
        waiting = list(self._children)
        while waiting:
            if time.monotonic() > deadline:
                raise Unmeasurable(f"the load had not ended after {seconds:.0f} s")
            for child in [child for child in waiting if child.process.poll() is not None]:
                self._require_done(child)
                waiting.remove(child)
            time.sleep(_POLL_SECONDS)
        return merged([child.generator for child in self._children if child.generator is not None])

    @property
    def alive(self) -> bool:
        """Whether actors are still at work."""
        return all(child.process.poll() is None for child in self._children)

    def wait_for_work(self, seconds: float) -> None:
        """Wait until a write of the kind `LoadPlan.working_write` is acknowledged.

        Raises Unmeasurable if none is within `seconds`.
        """
        working = {plan.working_write for plan in self.plans}
        deadline = time.monotonic() + seconds
        new = self.follow()
        while time.monotonic() < deadline:
            if any(sample.operation in working and sample.outcome == "ok" for sample in new()):
                return
            if not self.alive:
                break
            time.sleep(2 * _POLL_SECONDS)
        raise Unmeasurable(
            f"no {' or '.join(working)} was acknowledged within {seconds:.0f} s, so there was nothing to disturb"
        )

    def _await_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        for child in self._children:
            if not child.ready.wait(max(0.0, deadline - time.monotonic())):
                raise Unmeasurable(f"the load process did not start within {_START_SECONDS} s")
            if child.failed is not None or child.process.poll() is not None:
                self._require_done(child)

    def _require_done(self, child: ChildProcess) -> None:
        """Raise Unmeasurable if an ended process has not finished its load."""
        exit_status = child.process.wait()
        child.wait_for_output()
        if child.failed is not None:
            raise Unmeasurable(f"the load stopped: {child.failed}")
        if exit_status != 0 or child.generator is None:
            raise Unmeasurable(
                f"the load process ended with exit status {exit_status} before its {child.who} did; see "
                f"logs/{self._errors.name}"
            )

    def _say(self, line: str) -> None:
        for child in self._children:
            child.send_line(line)

    def _tell(self) -> None:
        while not self._over.wait(1):
            working, done, writes = (
                sum(getattr(child, name) for child in self._children) for name in ("working", "done", "writes")
            )
            who = self.plans[0].who
            self._progress.say(f"{self.activity}: {working} {who} working, {done} done, {writes} writes", passing=True)


def merged(generators: Sequence[GeneratorFigures]) -> GeneratorFigures:
    """The figures of several processes as those of one generator: counts are summed, of other figures the worst
    counts."""

    def worst(name: str) -> float | None:
        values = [getattr(generator, name) for generator in generators]
        return None if None in values else max(values)

    def total(name: str) -> int:
        return sum(getattr(generator, name) for generator in generators)

    return GeneratorFigures(
        processes=len(generators),
        planned_actors=total("planned_actors"),
        started_actors=total("started_actors"),
        finished_actors=total("finished_actors"),
        planned_actions=total("planned_actions"),
        delivered_actions=total("delivered_actions"),
        lag_p95_ms=worst("lag_p95_ms"),
        lag_max_ms=worst("lag_max_ms"),
        cpu_share=worst("cpu_share"),
        cpu_peak_share=worst("cpu_peak_share"),
    )
