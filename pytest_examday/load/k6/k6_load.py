"""A load by k6 as whoever started it sees it: the interface of `Load`, for actors who keep to a schedule."""

import os
import shutil
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


class K6Load(Load):
    """One k6 with all actors of a plan. They leave when the schedule says so and cannot be told to finish."""

    def __init__(self, plan: PlanForK6, k6: K6, directory: Path, progress: ProgressFile) -> None:
        """`directory` is the run directory; what k6 itself writes goes to its folder `k6/`."""
        if plan.until != "schedule":
            raise ValueError("k6's candidates keep to the schedule; they cannot be told when to finish")
        self._plan = plan.for_k6(str(k6.path), str(directory / "k6"), secrets="")
        super().__init__((self._plan,), directory / "logs", progress)
        self.engine = f"k6 {k6.told_version}"

    def __enter__(self) -> Self:
        """Raises Unmeasurable where k6 does not come up."""
        Path(self._plan.folder).mkdir(exist_ok=True)
        self._plan = self._plan.model_copy(update={"secrets": tempfile.mkdtemp(prefix="examday-k6-")})
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
        shutil.rmtree(self._plan.secrets, ignore_errors=True)
        if self._plan.console.exists():
            self._deal_out_again()

    def finish(self) -> None:
        """Not for k6: raises RuntimeError."""
        raise RuntimeError("k6's candidates keep to the schedule; they cannot be told to finish")

    def _end_orphan(self, guardian: int) -> None:
        """The guardian was killed, and nobody looks after its k6, which is in the same group of processes."""
        try:
            os.killpg(guardian, signal.SIGKILL)
        except ProcessLookupError:
            return  # k6 had ended too

    def _deal_out_again(self) -> None:
        """k6 or its guardian ended early: the ledger is made from all that the console holds."""
        plan = self._plan
        with ConsoleLines(Path(plan.ledger), Path(plan.samples), Path(plan.fates)) as lines:
            try:
                lines.take(Tail(plan.console).lines())
            except Unmeasurable:
                return  # the console stays, and whoever waited for the load has been told why it failed
        plan.console.unlink()
