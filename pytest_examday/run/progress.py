"""Live progress: every process of a run appends lines to one file, and one thread shows them at the terminal.

A file works from everywhere: from a fixture whose output pytest captures, from an xdist worker and from the load
process. It stays in the run directory as a record of the run.
"""

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from pytest_examday.run.terminal_text import printable

_ERASE = "\r\x1b[K"


class ProgressFile:
    """Appends progress lines. Several processes may write at once, because each line is one short write with
    O_APPEND."""

    def __init__(self, path: Path, clean: Callable[[str], str] = str) -> None:
        """`clean` removes secrets from what is said."""
        self.path = path
        self._clean = clean

    def say(self, text: str, *, passing: bool = False) -> None:
        """Append one line for people. At a terminal the next line replaces a `passing` one; elsewhere only some passing
        lines are shown."""
        line = json.dumps({"t": round(time.time(), 3), "text": self._clean(text), "passing": passing}) + "\n"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)


class Screen:
    """Writes progress lines between pytest's own output.

    At a terminal a passing line replaces the passing line before it; elsewhere one appears at most every
    `thin_seconds`. `column` returns how many characters of pytest's current line have been written.
    """

    def __init__(self, stream: TextIO, column: Callable[[], int], thin_seconds: float = 5.0) -> None:
        self._stream = stream
        self._column = column
        self._thin_seconds = thin_seconds
        self._terminal = stream.isatty()
        self._column_after_ours = 0
        self._drawn_over = False
        self._last_passing = -thin_seconds

    def lasting(self, text: str) -> None:
        """Write a line that stays."""
        self._stream.write(f"{self._beginning()}{text}\n")
        self._stream.flush()
        self._drawn_over = False
        self._column_after_ours = self._column()

    def passing(self, text: str, at: float) -> None:
        """Write a line that the next one may replace; `at` is a time in seconds on any clock."""
        if self._terminal:
            self._stream.write(self._beginning() + text)
            self._stream.flush()
            self._drawn_over = True
        elif at - self._last_passing >= self._thin_seconds:
            self._last_passing = at
            self.lasting(text)

    def close(self) -> None:
        """Erase a passing line that is still shown."""
        if self._drawn_over:
            self._stream.write(_ERASE)
            self._stream.flush()
        self._drawn_over = False

    def _beginning(self) -> str:
        if self._drawn_over:
            return _ERASE
        return "" if self._column() in (0, self._column_after_ours) else "\n"


class LiveProgress(threading.Thread):
    """Shows the progress file on a screen, also while pytest captures output."""

    def __init__(self, path: Path, screen: Screen) -> None:
        super().__init__(name="examday-progress", daemon=True)
        self._path = path
        self._screen = screen
        self._offset = 0
        self._began = time.time()
        self._stopped = threading.Event()
        self._showing = threading.Lock()

    def run(self) -> None:
        """Follow the file until `stop` is called."""
        while not self._stopped.wait(0.2):
            self.show()

    def stop(self) -> None:
        """Show the remaining lines and end the thread."""
        self._stopped.set()
        self.join(2)
        self.show()
        self._screen.close()

    def show(self) -> None:
        """Show the lines that were added since the last call."""
        if not self._path.exists():
            return
        with self._showing, self._path.open("rb") as lines:
            lines.seek(self._offset)
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                self._offset += len(line)
                self._show_if_whole(line)

    def _show_if_whole(self, line: bytes) -> None:
        try:
            said = json.loads(line)
            self._show(float(said["t"]), str(said["text"]), passing=bool(said["passing"]))
        except (ValueError, TypeError, KeyError):
            return  # what a process that was killed had half written; the next whole line is shown

    def _show(self, at: float, said: str, *, passing: bool) -> None:
        clock = time.strftime("%M:%S", time.gmtime(max(0.0, at - self._began)))
        text = printable(f"[examday {clock}] {said}")
        if passing:
            self._screen.passing(text, at)
        else:
            self._screen.lasting(text)
