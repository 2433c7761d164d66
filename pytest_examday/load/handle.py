"""Starting the load process, following it and making sure that it ends."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.figures import CandidateFate, Generator
from pytest_examday.load.ledger import Write, replay
from pytest_examday.load.plan import Plan
from pytest_examday.load.samples import Sample, read_samples

_END_SECONDS = 10


class Load:
    """A running load. Leaving the `with` block ends it, whatever happened inside.

    The process lives in a session of its own, so that a Ctrl-C at the terminal reaches pytest alone; it ends
    by itself when its standard input ends, so it cannot outlive whoever started it.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._errors = Path(plan.progress).parent / "logs" / f"load-{plan.activity}.log"
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        with self._errors.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "pytest_examday.load.process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
        self._tell(self.plan.model_dump_json())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._running()
        if process.stdin is not None and not process.stdin.closed:
            self._hang_up(process)
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def finish(self) -> None:
        """Tell candidates to submit now."""
        self._tell("finish")

    def wait(self, seconds: float) -> Generator:
        """Wait until every exam ended; raises Unmeasurable where the process died or took longer than `seconds`."""
        process = self._running()
        try:
            exit_status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Unmeasurable(f"the load had not ended after {seconds:.0f} s") from None
        if exit_status != 0 or process.stdout is None:
            raise Unmeasurable(
                f"the load process ended with exit status {exit_status} before its candidates did; see "
                f"logs/{self._errors.name}"
            )
        return Generator.model_validate(json.loads(process.stdout.readlines()[-1]))

    @property
    def alive(self) -> bool:
        """Whether candidates are still at work."""
        return self._running().poll() is None

    def samples(self) -> list[Sample]:
        """Every request that has ended so far."""
        path = Path(self.plan.samples)
        return read_samples(path) if path.exists() else []

    def writes(self) -> Iterator[Write]:
        """The ledger as it stands, write by write; raises Unmeasurable where it is damaged."""
        try:
            yield from replay(Path(self.plan.ledger))
        except (OSError, ValueError) as problem:
            raise Unmeasurable(f"the ledger cannot be read: {problem}") from None

    def fates(self) -> tuple[CandidateFate, ...]:
        """How the exams ended that have ended."""
        lines = Path(self.plan.fates).read_text(encoding="utf-8").splitlines()
        return tuple(CandidateFate.model_validate_json(line) for line in lines)

    def wait_for_work(self, seconds: float) -> None:
        """Wait until an answer was acknowledged; raises Unmeasurable where none is within `seconds`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if any(sample.operation == "answer" and sample.outcome == "ok" for sample in self.samples()):
                return
            if not self.alive:
                break
            time.sleep(0.2)
        raise Unmeasurable(f"no answer was acknowledged within {seconds:.0f} s, so there was nothing to disturb")

    def _tell(self, line: str) -> None:
        process = self._running()
        try:
            if process.stdin is not None:
                process.stdin.write(line + "\n")
                process.stdin.flush()
        except BrokenPipeError:
            return  # it has ended already; wait() says how

    def _hang_up(self, process: subprocess.Popen[str]) -> None:
        try:
            if process.stdin is not None:
                process.stdin.close()
        except BrokenPipeError:
            return  # it has ended already; wait() says how

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise RuntimeError("the load was not started: use it in a `with` block")
        return self._process
