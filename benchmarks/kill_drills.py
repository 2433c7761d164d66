"""Ends processes of drills at random moments, on a platform that goes on, and counts the faults that are left.

`python -m benchmarks.kill_drills --minutes 10 --seed 1`, or `--each N` for N kills of every drill, victim and signal.
Each round runs one drill on an embedded platform and ends one process at a random moment by SIGINT, SIGTERM or SIGKILL:
the process that holds the drill's fault, or in a whole `pytest --env` with that drill pytest itself, its xdist worker
or its load process. Some holders are stopped (SIGSTOP) and wake up after their lease or never, and some lose their
watchdog too, so that only the next run or `heal` is left. A round is good if every fault is closed in the journal by
its lease, the platform has recovered then, no process of the round is left, and no drill whose load was killed has a
record."""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import fields
from itertools import takewhile
from pathlib import Path
from typing import Any

import psutil

from benchmarks.kills import Cell, Kill, every_cell, summary, without_end
from pytest_examday.faults.journal import (
    JOURNAL_FILE,
    Entry,
    IntendedFault,
    Journal,
)
from pytest_examday.faults.leftovers import take_out_leftovers
from pytest_examday.runtimes.start_embedded import EmbeddedOptions
from pytest_examday.safety.state_directory import VARIABLE, state_directory_of
from tests.faults.holder import target_of
from tests.faults.platform_health import what_is_wrong
from tests.suites.exam.drills.drill_holder import BY_NAME
from tests.suites.exam.drills.offered import not_offered

ROOT = Path(__file__).parents[1]
LEASE_SECONDS = 8.0
GRACE_SECONDS = 5.0
"""Beyond the lease: the undo itself takes a moment, and so does readiness after it."""
_END_SECONDS = 90.0
"""A run that lost its load or its xdist worker goes on to its own end."""
_TRIES = 4
"""A victim may have ended by itself before its moment came; then nothing was killed."""
_EARLY_SHARE = 0.15
"""The share of rounds (0 to 1) that send the signal at a moment counted from their start. The others count from the
first line of a fault."""
_MARK = "EXAMDAY_KILL_ROUND"
_WORDS = {
    "xdist worker": "exec(eval(",
    "load": "pytest_examday.suites.exam.load.candidates_process",
    "watchdog": "pytest_examday.faults.watchdog",
}
"""By what the command line of a process is known."""
_CONFIGURATION = """\
[env.staging]
runtime = {{kind = "embedded", state = "{state}"}}
allow = ["read", "write", "disrupt"]
thresholds = {{recovery_seconds = {recovery}}}

[profile.smoke.drill]
candidates = 3
steady_seconds = 0.5
hold_seconds = 3
settle_seconds = 0.5
drills = {drills}
habits = {{think_seconds = [0.1, 0.3], patience_seconds = 15}}
"""


class Platform:
    """The embedded platform, and the journal of the faults that are put into it."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "platform" / "platform.json"
        command = [sys.executable, "-m", "pytest_examday.platform", "--dir", str(self.state.parent)]
        everything: Any = {field.name: True for field in fields(EmbeddedOptions)} | {"workers": 2, "candidates": 5000}
        options = [*EmbeddedOptions(**everything).options, "--watch-pid", str(os.getpid())]
        with (folder / "platform.log").open("wb") as log:
            self._process = subprocess.Popen([*command, *options], stdout=log, stderr=log)
        while not self.state.exists():
            if self._process.poll() is not None:
                raise SystemExit(f"the platform did not start, see {log.name}")
            time.sleep(0.1)
        target = target_of(self.state, folder / "look")
        self.journal = Journal(state_directory_of(target.environment) / JOURNAL_FILE)
        self.not_offered = not_offered(target)

    def end(self) -> None:
        """Stop it."""
        self._process.terminate()
        self._process.wait(30)


class Round:
    """The processes of one round, known by a variable of their environment, and the faults that they put in."""

    def __init__(self, number: int, platform: Platform, folder: Path) -> None:
        self._mark = f"{folder} {number}"
        self._platform = platform
        self._folder = folder
        self._before = {entry.id for entry in platform.journal.read().entries}
        self.directory = folder / f"run-{number}"
        self.signalled = self.healed = self._signalled_at = 0.0

    def send_signal(self, victim: "psutil.Process | subprocess.Popen[bytes]", number: int) -> bool:
        """Send the signal; the clock of the round runs from here. False if the victim had ended by itself."""
        self.signalled, self._signalled_at = time.monotonic(), time.time()
        try:
            victim.send_signal(number)
        except psutil.NoSuchProcess:
            return False
        return True

    def start(self, arguments: list[str], folder: Path) -> "subprocess.Popen[bytes]":
        """A Python process of this round."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT), _MARK: self._mark}
        with (self._folder / "output.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *arguments],
                cwd=folder,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def processes(self, word: str = "") -> list[psutil.Process]:
        """The living processes that have the word in their command line."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get(_MARK) == self._mark and word in " ".join(process.cmdline()):
                    found += [process] if process.status() != psutil.STATUS_ZOMBIE else []
            except psutil.Error:
                continue  # it ended while it was looked at, or is somebody else's
        return found

    def kill(self, word: str = "") -> None:
        """Kill the processes that have the word in their command line."""
        for process in self.processes(word):
            with suppress(psutil.NoSuchProcess):  # it ended by itself
                process.kill()

    @property
    def entries(self) -> list[Entry]:
        """What the journal says of this round."""
        return [entry for entry in self._platform.journal.read().entries if entry.id not in self._before]

    @property
    def open(self) -> list[IntendedFault]:
        """The faults that are open, whoever put them in."""
        return list(self._platform.journal.read().open_faults)

    @property
    def closed_after(self) -> float:
        """Seconds from the signal to the last fault's end, by the journal's own times, which no look is as fine as."""
        return max([0.0, *(entry.t - self._signalled_at for entry in self.entries if entry.event == "out")])

    @property
    def moment(self) -> str:
        """The newest event of this round in the journal."""
        return next((entry.event for entry in reversed(self.entries)), "before its line")


class Campaign:
    """Rounds on one platform."""

    def __init__(self, folder: Path, platform: Platform, dice: random.Random) -> None:
        self._folder = folder
        self._platform = platform
        self._dice = dice
        self._number = 0

    def kill(self, cell: Cell) -> Kill | None:
        """One kill; None if the victim was always gone before its moment."""
        for _ in range(_TRIES):
            self._number += 1
            round_ = Round(self._number, self._platform, self._folder)
            in_a_run = cell.victim in ("pytest", "xdist worker", "load")
            try:
                kill = self._in_a_run_of_pytest(round_, cell) if in_a_run else self._of_a_holder(round_, cell)
            finally:
                round_.kill()  # one that stands still ends by no other means
            if kill is not None:
                self._print(kill)
                return kill
        return None

    def _print(self, kill: Kill) -> None:
        cell, times = (
            kill.cell,
            f"recovered after {kill.recovery_seconds:.2f} s, closed after {kill.closing_seconds:.2f} s",
        )
        round_ = f"{self._number:4d} {cell.drill}: {cell.victim}, {cell.signal}, {kill.newest_event}"
        print(f"{round_}: {kill.problem or times}")
        sys.stdout.flush()

    def _of_a_holder(self, round_: Round, cell: Cell) -> Kill | None:
        arguments = [str(self._platform.state), str(round_.directory), "--drill", cell.drill]
        arguments += ["--hold", "1", "--lease", str(LEASE_SECONDS), "--late", "3"]
        process = round_.start(["-m", "tests.suites.exam.drills.drill_holder", *arguments], ROOT)
        self._wait(round_, process, self._dice.uniform(0, 1.4), early=self._dice.uniform(0, 2.5))
        moment = round_.moment
        if process.poll() is not None:
            self._let_end(round_)
            return None
        if cell.victim == "hanging holder":
            return self._hangs(round_, cell, moment, process)
        if cell.victim == "holder and watchdog":
            return self._both(round_, cell, moment, process)
        round_.send_signal(process, signal.Signals[cell.signal])
        return self._judged(round_, cell, moment, process)

    def _hangs(self, round_: Round, cell: Cell, moment: str, process: "subprocess.Popen[bytes]") -> Kill:
        """For ever, or until after its lease."""
        round_.send_signal(process, signal.SIGSTOP)
        kill = self._judged(round_, cell, moment, process, but=process.pid)
        process.send_signal(self._dice.choice((signal.SIGKILL, signal.SIGCONT)))
        woken = self._judged(round_, cell, moment, process)
        return (
            kill
            if kill.problem is not None
            else Kill(cell, moment, kill.recovery_seconds, kill.closing_seconds, woken.problem)
        )

    def _both(self, round_: Round, cell: Cell, moment: str, process: "subprocess.Popen[bytes]") -> Kill:
        """At once, as the end of a container does, or the watchdog in the middle of its undo; then the next run comes,
        or a person."""
        round_.send_signal(process, signal.SIGKILL)
        time.sleep(self._dice.choice((0, self._dice.uniform(0, 1.5))))
        round_.kill(_WORDS["watchdog"])
        process.wait()
        left = round_.open
        if self._dice.random() < 0.5:
            take_out_leftovers(target_of(self._platform.state, round_.directory), "the next run")
        else:
            round_.start(["-m", "pytest_examday", "heal"], ROOT).wait()
        round_.healed = time.monotonic() if left else round_.signalled
        return self._judged(round_, cell, moment, process)

    def _in_a_run_of_pytest(self, round_: Round, cell: Cell) -> Kill | None:
        workers = "1" if cell.victim == "xdist worker" else self._dice.choice(("0", "1"))
        drills = [] if BY_NAME[cell.drill].always else [cell.drill]
        (self._folder / "examday.toml").write_text(
            _CONFIGURATION.format(
                state=self._platform.state, recovery=(LEASE_SECONDS - 3) / 2, drills=json.dumps(drills)
            )
        )
        chosen = BY_NAME[cell.drill].lines[0].test
        arguments = ["-m", "pytest", "-p", "no:cacheprovider", "-q", "--env", "staging", "-k", chosen]
        process = round_.start([*arguments, "-n", workers, "--examday-dir", str(round_.directory)], self._folder)
        self._wait(round_, process, self._dice.uniform(0, 4), early=self._dice.uniform(0, 7))
        moment = round_.moment
        victim = self._victim(round_, process, cell.victim)
        if victim is None or not round_.send_signal(victim, signal.Signals[cell.signal]):
            self._let_end(round_)
            return None
        kill = self._judged(round_, cell, moment, process)
        if cell.victim == "load" and kill.problem is None and self._has_a_record(round_, cell):
            return Kill(
                cell, moment, kill.recovery_seconds, kill.closing_seconds, "a drill whose load was killed has a record"
            )
        return kill

    def _victim(self, round_: Round, process: "subprocess.Popen[bytes]", wanted: str) -> psutil.Process | None:
        """A victim that is not there yet is waited for."""
        while process.poll() is None:
            if wanted == "pytest":
                return psutil.Process(process.pid)
            found = round_.processes(_WORDS[wanted])
            if found or round_.entries:
                return next(iter(found), None)
            time.sleep(0.02)
        return None

    def _has_a_record(self, round_: Round, cell: Cell) -> bool:
        path = round_.directory / "evidence" / f"{BY_NAME[cell.drill].activity}.json"
        return path.exists() and json.loads(path.read_text())["record"] is not None

    def _wait(self, round_: Round, process: "subprocess.Popen[bytes]", after: float, *, early: float) -> None:
        """Until so long after the first fault's line; early in some rounds, counted from their start."""
        if self._dice.random() < _EARLY_SHARE:
            time.sleep(early)
            return
        until = time.monotonic() + 60
        while not round_.entries and process.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(after)

    def _let_end(self, round_: Round) -> None:
        """End a round whose victim had ended before its moment."""
        until = time.monotonic() + _END_SECONDS
        while round_.processes() and time.monotonic() < until:
            time.sleep(0.1)

    def _judged(self, round_: Round, cell: Cell, moment: str, process: "subprocess.Popen[bytes]", but: int = 0) -> Kill:
        """Watch until everything has recovered, or something has not in time. The process `but` may stay alive."""
        began = round_.signalled
        disturbed = opened = max(round_.signalled, round_.healed)
        while True:
            process.poll()
            wrong, faults = what_is_wrong(self._platform.state), round_.open
            left = [] if wrong or faults else [one for one in round_.processes() if one.pid != but]
            now = time.monotonic()
            disturbed = now if wrong else disturbed
            opened = now if faults else opened
            late = overdue(faults, wrong, left, now - began, now - opened)
            if late is not None or not (wrong or faults or left):
                return Kill(cell, moment, disturbed - began, max(opened - began, round_.closed_after), late)
            time.sleep(0.1)


def overdue(
    faults: Iterable[IntendedFault],
    wrong: str | None,
    left: list[psutil.Process],
    since_signal: float,
    since_closed: float,
) -> str | None:
    """What is not over although its time has passed."""
    for fault in faults:
        if time.time() > max(fault.lease_until, fault.t + fault.late_seconds) + GRACE_SECONDS:
            return f"{fault.fault} is open after its lease; {wrong or 'the platform has recovered'}"
    if wrong is not None and since_closed > GRACE_SECONDS and not faults:
        return f"no fault is open, and {wrong}"
    if left and since_signal > _END_SECONDS:
        return f"left after {since_signal:.0f} s: {left}"
    return None


def main() -> int:
    """Run for the given time; exit status 0 only if no fault was left."""
    parser = argparse.ArgumentParser(description="Kill drills at random moments and count the faults that are left.")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--each", type=int, help="instead of a time: kills of every drill, victim and signal")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--drill", action="append", choices=BY_NAME, help="only these")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs, and theirs, ignore it
    dice = random.Random(given.seed)
    folder = Path(tempfile.mkdtemp(prefix="examday-kill-"))
    os.environ[VARIABLE] = str(folder / "states")
    platform = Platform(folder)
    drills = [name for name in given.drill or BY_NAME if name not in platform.not_offered]
    for name in platform.not_offered:
        print(f"not on this platform: {name}: {platform.not_offered[name]}")
    campaign = Campaign(folder, platform, dice)
    kills: list[Kill] = []
    try:
        for cell in _cells(drills, dice, given.each, given.minutes):
            kills += filter(None, [campaign.kill(cell)])
            if kills and kills[-1].problem is not None:
                break
    finally:
        platform.end()
        print("\n" + summary(kills, drills, given.seed))
    if not kills or kills[-1].problem is not None:
        print(f"logs, journals and run directories are in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


def _cells(drills: list[str], dice: random.Random, each: int | None, minutes: float) -> Iterable[Cell]:
    if each is not None:
        cells = every_cell(drills) * each
        return dice.sample(cells, len(cells))
    end = time.monotonic() + 60 * minutes
    return takewhile(lambda _: time.monotonic() < end, without_end(drills, dice))


if __name__ == "__main__":
    sys.exit(main())
