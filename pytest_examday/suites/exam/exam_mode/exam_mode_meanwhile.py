"""Tries exam mode and protected operations while a load is under way."""

from threading import Event, Thread
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pytest_examday.evidence.probe import Probe
from pytest_examday.suites.exam.evidence import ExamModeAgain
from pytest_examday.suites.exam.exam_mode.exam_mode_afterwards import exam_mode_once
from pytest_examday.suites.exam.probe_names import EXAM_MODE_AFTER

if TYPE_CHECKING:
    from pytest_examday.target.target import Target


class ExamModeMeanwhile:
    """Within this context exam mode is tried once, `seconds` after its begin, in a thread.

    `seen` is what came of it; None if nothing tells exam mode. What the thread raises is raised at the end of the
    context, unless the context itself has raised something.
    """

    def __init__(self, target: "Target", seconds: float) -> None:
        self.seen: ExamModeAgain | None = None
        self._target, self._seconds = target, seconds
        self._ended = Event()
        self._problem: BaseException | None = None
        self._thread = Thread(target=self._try, name="exam-mode-meanwhile", daemon=True)

    def __enter__(self) -> Self:
        """Begin to wait."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the calls that are under way."""
        self._ended.set()
        self._thread.join()
        if problem is None and self._problem is not None:
            raise self._problem

    def wait(self, seconds: float | None = None) -> None:
        """Wait until exam mode was tried, for so many seconds at most."""
        self._thread.join(seconds)

    def _try(self) -> None:
        try:
            if not self._ended.wait(self._seconds):
                self.seen = exam_mode_once(self._target)
            elif self._target.environment.why_exam_mode_unreadable() is None:
                self.seen = ExamModeAgain(probes=(Probe.untried(EXAM_MODE_AFTER, "the load had ended before"),))
        except BaseException as problem:  # noqa: BLE001 # it is raised in the thread that waits for this one
            self._problem = problem
