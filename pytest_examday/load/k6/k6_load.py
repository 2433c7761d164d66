"""A load that k6 runs on this machine, with the interface of `Load`."""

import os
import signal
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from pytest_examday.config.engine import K6
from pytest_examday.errors import Unmeasurable
from pytest_examday.load.k6.console_lines import ConsoleLines
from pytest_examday.load.k6.k6_plan import PlanForK6
from pytest_examday.load.k6.tail import Tail
from pytest_examday.load.load_in_processes import Load
from pytest_examday.run.progress import ProgressFile
from pytest_examday.vanishing_folder import remove_now, vanish_after


class K6Load(Load):
    """One k6 with all actors of a plan. The actors keep to their schedule; they cannot be told to finish."""

    def __init__(self, plan: PlanForK6, k6: K6, directory: Path, progress: ProgressFile) -> None:
        """`directory` is the run directory; k6's own files go to its folder `k6/`. Raises ValueError for a plan whose
        actors stop when they are told."""
        if plan.until != "schedule":
            raise ValueError("k6's actors keep to their schedule; they cannot be told when to finish")
        self._plan = plan.for_k6(str(k6.path), str(directory / "k6"), secrets="")
        super().__init__((self._plan,), directory / "logs", progress)
        self.engine = f"k6 {k6.version_in_words}"

    def __enter__(self) -> Self:
        """Start k6; raises Unmeasurable if it does not start."""
        Path(self._plan.folder).mkdir(mode=0o700, exist_ok=True)
        self._plan = self._plan.model_copy(update={"secrets": tempfile.mkdtemp(prefix="examday-k6-")})
        vanish_after(Path(self._plan.secrets))
        self.plans = (self._plan,)
        try:
            super().__enter__()
        except BaseException:
            self._clear_up()
            raise
        self.begun = self._children[0].begun or self.begun
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, value, trace)
        self._clear_up()

    def _clear_up(self) -> None:
        for child in self._children:
            if (child.process.returncode or 0) < 0:
                self._end_orphan(child.process.pid)
        remove_now(Path(self._plan.secrets))
        if self._plan.console.exists():
            self._deal_out_again()

    def finish(self) -> None:
        """Raise RuntimeError: actors of k6 keep to their schedule."""
        raise RuntimeError("k6's actors keep to their schedule; they cannot be told to finish")

    def _end_orphan(self, watchdog: int) -> None:
        """Kill the k6 of a watchdog that was killed; both are in one process group."""
        try:
            os.killpg(watchdog, signal.SIGKILL)
        except ProcessLookupError:
            return  # k6 had ended too

    def _deal_out_again(self) -> None:
        """Write ledger, samples and fates once more from the whole console, because k6 or its watchdog ended early."""
        plan = self._plan
        with ConsoleLines(Path(plan.ledger), Path(plan.samples), Path(plan.fates)) as lines:
            try:
                lines.take(Tail(plan.console).lines())
            except Unmeasurable:
                return  # the console is kept; `wait` has reported the failure of the load
        plan.console.unlink()
