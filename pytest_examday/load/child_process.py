"""A process of a load, as the program that starts it sees it."""

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from pytest_examday.evidence.figures import GeneratorFigures
from pytest_examday.load.load_plan import LoadPlan

_END_SECONDS = 10


class ChildProcess:
    """Starts a process of a load, sends it lines, reads its output and ends it.

    The process has a session of its own, so that a Ctrl-C at the terminal reaches pytest alone. It ends when its
    standard input ends, so that it cannot outlive its starter.
    """

    def __init__(self, plan: LoadPlan, errors: Path) -> None:
        self.who = plan.who
        self.working, self.done, self.writes = 0, 0, 0
        self.ready = threading.Event()
        self.generator: GeneratorFigures | None = None
        self.failed: str | None = None
        self.begun: float | None = None
        with errors.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", plan.program],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
                encoding="utf-8",
                start_new_session=True,
            )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self.send_line(plan.model_dump_json())

    def send_line(self, line: str) -> None:
        """Send it one line. Nothing happens if it has ended: its exit status shows that."""
        try:
            if self.process.stdin is not None:
                self.process.stdin.write(line + "\n")
                self.process.stdin.flush()
        except BrokenPipeError:
            return

    def end(self) -> None:
        """End it: close its input, and kill it if it has not ended 10 s later."""
        self._close_input()
        try:
            self.process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._listener.join(_END_SECONDS)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def wait_for_output(self) -> None:
        """Wait until everything that an ended process has written is read."""
        self._listener.join(_END_SECONDS)

    def _close_input(self) -> None:
        try:
            if self.process.stdin is not None and not self.process.stdin.closed:
                self.process.stdin.close()
        except BrokenPipeError:
            return

    def _listen(self) -> None:
        for line in self.process.stdout or ():
            self._note(json.loads(line))
        self.ready.set()  # so that nobody goes on waiting for a process that has ended

    def _note(self, event: dict[str, Any]) -> None:
        self.failed = event.get("failed", self.failed)
        if "done" in event and isinstance(event["done"], dict):
            self.generator = GeneratorFigures.model_validate(event["done"])
        elif "working" in event:
            self.working, self.done, self.writes = event["working"], event["done"], event["writes"]
        self.begun = event.get("begun", self.begun)
        if "ready" in event:
            self.ready.set()
