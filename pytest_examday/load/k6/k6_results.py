"""A load that k6 runs, or has run, on other machines; it is read from the logs of its runners."""

import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from pytest_examday.errors import Unmeasurable, UsageProblem
from pytest_examday.evidence.figures import GeneratorFigures
from pytest_examday.load.k6.console_lines import ConsoleLines
from pytest_examday.load.k6.k6_plan import PlanForK6
from pytest_examday.load.k6.tail import Tail
from pytest_examday.load.load_files import LoadFiles
from pytest_examday.named_files import is_file, is_folder
from pytest_examday.run.progress import ProgressFile

_POLL_SECONDS = 1.0
_SILENCE_SECONDS = 30
"""Added to `LoadPlan.longest_pause_seconds`: logs without a new line for longer belong to a load that has ended."""


def runner_logs(folder: Path) -> tuple[Path, ...]:
    """The logs of the runners; raises UsageProblem if there are none."""
    if not is_folder(folder):
        raise UsageProblem(f"--examday-k6-results {folder}: no such folder")
    paths = tuple(sorted(folder.glob("*.log")))
    if not paths:
        raise UsageProblem(
            f"--examday-k6-results {folder}: holds no *.log; save the log of every runner there (kubectl logs -f POD)"
        )
    for path in paths:
        if not is_file(path):
            raise UsageProblem(f"--examday-k6-results {folder}: {path.name} is no regular file")
    return paths


class K6Results(LoadFiles):
    """A load elsewhere with the interface of `Load`.

    Logs that still grow are followed, so that the rehearsal can watch the platform meanwhile. `watched` is True if the
    logs were opened before all actors had arrived.
    """

    engine = "k6, elsewhere"

    def __init__(self, plan: PlanForK6, folder: Path, progress: ProgressFile) -> None:
        super().__init__((plan,))
        self._folder = folder
        self._progress = progress
        self._tails = [Tail(path) for path in runner_logs(folder)]
        self._expected = plan.k6_files(lead_ms=0).fingerprint
        self._stack = ExitStack()
        self._lines: ConsoleLines | None = None

    def __enter__(self) -> Self:
        """Open the logs and read what they hold; raises Unmeasurable if they belong to another plan."""
        plan = self.plans[0]
        lines = ConsoleLines(Path(plan.ledger), Path(plan.samples), Path(plan.fates))
        self._stack.enter_context(lines)
        self._lines = lines
        try:
            self._read(lines)
        except BaseException:
            self._stack.close()
            raise
        self.can_be_watched = lines.begun is None or time.time() <= lines.begun + plan.arriving_seconds
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def alive(self) -> bool:
        """Whether actors may still be at work."""
        return not self._whole(self._open()) and self._silent_seconds() <= self._patience()

    def wait(self, seconds: float) -> GeneratorFigures:
        """Follow the logs until every actor has ended; returns the figures of the generator.

        Raises Unmeasurable if the logs stop growing before that, belong to another plan or lack lines, or if it takes
        longer than `seconds`.
        """
        lines = self._open()
        deadline = time.monotonic() + seconds
        while not self._whole(lines):
            self._require_going_on(lines, deadline)
            self._tell(lines)
            time.sleep(_POLL_SECONDS)
            self._read(lines)
        if lines.gap is not None:
            raise Unmeasurable(f"the runners' logs in {self._folder} lack lines: {lines.gap}")
        return self._generator(lines)

    def _open(self) -> ConsoleLines:
        if self._lines is None:
            raise RuntimeError("the results were not opened: use them in a `with` block")
        return self._lines

    def _read(self, lines: ConsoleLines) -> None:
        for tail in self._tails:
            lines.take(tail.lines())
        if lines.crash is not None:
            raise Unmeasurable(f"the k6 script failed: {lines.crash}")
        if lines.plan not in (None, self._expected):
            raise Unmeasurable(
                f"the results in {self._folder} are of plan {lines.plan}; this environment and profile make plan "
                f"{self._expected}"
            )
        self.begun = lines.begun or 0.0

    def _whole(self, lines: ConsoleLines) -> bool:
        return lines.plan is not None and lines.done >= len(self.plans[0].accounts)

    def _require_going_on(self, lines: ConsoleLines, deadline: float) -> None:
        if self._silent_seconds() > self._patience() or time.monotonic() > deadline:
            total = len(self.plans[0].accounts)
            raise Unmeasurable(
                f"{lines.done} of {total} {self.plans[0].who} finished in the runners' logs in {self._folder}, which "
                "do not grow any more"
            )

    def _silent_seconds(self) -> float:
        return time.time() - max(tail.changed_at for tail in self._tails)

    def _patience(self) -> float:
        return self.plans[0].longest_pause_seconds + _SILENCE_SECONDS

    def _tell(self, lines: ConsoleLines) -> None:
        self._progress.say(
            f"{self.activity}: {lines.arrived - lines.done} {self.plans[0].who} working elsewhere, {lines.done} done, "
            f"{lines.writes} writes",
            passing=True,
        )

    def _generator(self, lines: ConsoleLines) -> GeneratorFigures:
        """The figures of the generator; the use of the runners' processors is unknown."""
        lag_p95, lag_max = lines.lags()
        return GeneratorFigures(
            processes=len(self._tails),
            planned_actors=len(self.plans[0].accounts),
            started_actors=lines.arrived,
            finished_actors=lines.done,
            planned_actions=self.plans[0].planned_writes(),
            delivered_actions=lines.writes,
            lag_p95_ms=lag_p95,
            lag_max_ms=lag_max,
            cpu_share=None,
        )
