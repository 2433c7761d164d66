"""Live progress: every process of a run appends lines to one file; one thread shows them at the terminal.

A file is the one channel that reaches a person from a captured fixture, from an xdist worker and from the load
process alike; it also stays behind as the rehearsal's diary.
"""

import json
import os
import threading
import time
from pathlib import Path
from typing import Any, TextIO


class ProgressFile:
    """Appends progress lines; safe from several processes because each line is one short O_APPEND write."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def say(self, text: str, *, passing: bool = False) -> None:
        """One line for people; a `passing` one is replaced by the next at a terminal and thinned out elsewhere."""
        line = json.dumps({"t": round(time.time(), 3), "text": text, "passing": passing}) + "\n"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)


class LiveProgress(threading.Thread):
    """Shows the progress file at the real terminal, also while pytest captures output.

    `stream` must be opened before capturing starts (a duplicate of standard output). Without a terminal a
    passing line appears at most every `thin_seconds`.
    """

    def __init__(self, path: Path, stream: TextIO, thin_seconds: float = 5.0) -> None:
        super().__init__(name="examday-progress", daemon=True)
        self._path = path
        self._stream = stream
        self._terminal = stream.isatty()
        self._thin_seconds = thin_seconds
        self._last_passing = 0.0
        self._open_line = False
        self._offset = 0
        self._began = time.time()
        self._stopped = threading.Event()

    def run(self) -> None:
        """Follow the file until stopped."""
        while not self._stopped.wait(0.2):
            self._drain()

    def stop(self) -> None:
        """Show what is left and end."""
        self._stopped.set()
        self.join(2)
        self._drain()
        self._close_line()

    def _drain(self) -> None:
        if not self._path.exists():
            return
        with self._path.open("rb") as lines:
            lines.seek(self._offset)
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                self._offset += len(line)
                self._show_if_whole(line)

    def _show_if_whole(self, line: bytes) -> None:
        try:
            said = json.loads(line)
            self._show({"t": float(said["t"]), "text": str(said["text"]), "passing": bool(said["passing"])})
        except (ValueError, TypeError, KeyError):
            return  # what a process that was killed had half written; the next whole line is shown

    def _show(self, line: dict[str, Any]) -> None:
        clock = time.strftime("%M:%S", time.gmtime(max(0.0, line["t"] - self._began)))
        text = f"[examday {clock}] {line['text']}"
        if line["passing"]:
            self._show_passing(text, line["t"])
            return
        self._stream.write(("\r\x1b[K" if self._open_line else "\n") + text + ("\n" if self._terminal else ""))
        self._stream.flush()
        self._open_line = False

    def _show_passing(self, text: str, at: float) -> None:
        if self._terminal:
            self._stream.write("\r\x1b[K" + text)
            self._open_line = True
        elif at - self._last_passing >= self._thin_seconds:
            self._stream.write("\n" + text)
            self._last_passing = at
        self._stream.flush()

    def _close_line(self) -> None:
        if self._open_line:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
        self._open_line = False
