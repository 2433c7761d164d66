"""Starting a holder, ending it, and looking at what it left."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from pytest_examday.faults.journal import JOURNAL_FILE, Journal
from pytest_examday.safety.state_directory import state_directory_of
from tests.faults.holder import target_of

ROOT = Path(__file__).parents[2]
_MARK = "EXAMDAY_TEST_MARK"


class Killing:
    """One holder of a fault, its watchdog, and the journal of the platform that it disturbs."""

    def __init__(self, state: Path, directory: Path, *arguments: object, program: str = "tests.faults.holder") -> None:
        self.mark = str(directory)
        self.journal = Journal(state_directory_of(target_of(state, directory).environment) / JOURNAL_FILE)
        command = [sys.executable, "-m", program, str(state), str(directory), *map(str, arguments)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, _MARK: self.mark}, stdout=subprocess.PIPE, text=True
        )

    def wait_until_held(self) -> None:
        """Until the fault is in."""
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "held\n"

    def watchdogs(self) -> list[psutil.Process]:
        """The watchdogs of this holder that are alive."""
        found = []
        for process in psutil.process_iter(["cmdline"]):
            try:
                ours = "pytest_examday.faults.watchdog" in (process.info["cmdline"] or [])
                if ours and process.environ().get(_MARK) == self.mark and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue  # it ended while it was looked at
        return found

    def over(self) -> bool:
        """Whether nobody holds or watches a fault any more, and none is open."""
        return self.process.poll() is not None and not self.watchdogs() and not self.journal.read().open_faults

    def end(self) -> None:
        """Leave nothing behind."""
        for process in self.watchdogs():
            process.kill()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
