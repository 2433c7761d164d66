"""Kills drills at random moments on a platform that outlives them, and counts the faults that were left.

`python -m benchmarks.kill_drills --minutes 5 --seed 1`. Each round puts one fault into an embedded platform, attached
to by its state file, and ends somebody at a random moment: the process that holds the fault, or a whole `pytest --env`
(its controller, or the xdist worker that holds the fault), by SIGINT, SIGTERM or SIGKILL; some holders are stopped for
ever instead (SIGSTOP), and some lose their watchdog too, so that only the next run is left. A round is good if after at
most the lease no fault is open in the journal, no watchdog is left, every service runs and every worker is ready.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from pytest_examday.drills.journal import FILE, Journal
from pytest_examday.drills.leftovers import take_out_leftovers
from pytest_examday.platform.control import Control
from pytest_examday.runtimes.platform import read_state
from pytest_examday.standing import VARIABLE, state_folder
from tests.drills.holder import site_of

ROOT = Path(__file__).parents[1]
SERVICES = ("redis", "worker-2", "backend", "postgres")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
LEASE_SECONDS = 8.0
GRACE_SECONDS = 3.0
"""Beyond the lease: the undo itself takes a moment, and readiness is asked for afterwards."""
_CONFIGURATION = """\
[env.staging]
runtime = {{kind = "platform", state = "{state}"}}
allow = ["read", "write", "disrupt"]

[profile.smoke.drill]
candidates = 3
steady_seconds = 0.5
hold_seconds = 2
settle_seconds = 0.5
habits = {{think_seconds = [0.1, 0.3], patience_seconds = 15}}
"""


@dataclass(frozen=True)
class Round:
    """One round: who died of what, and how long after that the platform was seen to be well again."""

    victim: str
    death: str
    service: str
    state_at_death: str
    seconds: float
    good: bool


class Platform:
    """The embedded platform, and the journal of the faults that are put into it."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "platform" / "platform.json"
        command = [sys.executable, "-m", "pytest_examday.platform", "--dir", str(self.state.parent)]
        with (folder / "platform.log").open("wb") as log:
            self._process = subprocess.Popen([*command, "--candidates", "5000"], stdout=log, stderr=log)
        while not self.state.exists():
            if self._process.poll() is not None:
                raise SystemExit(f"the platform did not start, see {log.name}")
            time.sleep(0.1)
        read = read_state(self.state)
        self._control, self._api = Control(read.control), read.api_url
        self.journal = Journal(state_folder(site_of(self.state, folder / "look").environment) / FILE)

    def wrong(self) -> str | None:
        """What is wrong with it, None where it is well."""
        status = self._control.status()
        down = [name for name, pid in {**status["services"], **status["workers"]}.items() if pid is None]
        if down:
            return f"not running: {', '.join(down)}"
        try:
            answers = [httpx.get(f"{self._api}/v1/ready", timeout=3).json() for _ in range(6)]
        except httpx.HTTPError as problem:
            return f"not answering: {problem!r}"
        return next((f"not ready: {answer}" for answer in answers if answer["status"] != "ready"), None)

    def end(self) -> None:
        """Stop it."""
        self._process.terminate()
        self._process.wait(30)


def watchdogs() -> list[psutil.Process]:
    """The watchdogs that live and were started with this campaign's folder of states."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        try:
            ours = "pytest_examday.drills.watchdog" in (process.info["cmdline"] or [])
            if ours and process.info["status"] != psutil.STATUS_ZOMBIE:
                found += [process] if process.environ().get(VARIABLE) == os.environ[VARIABLE] else []
        except psutil.Error:
            continue  # it ended while it was looked at
    return found


def _command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []  # it ended while it was looked at


class Campaign:
    """Rounds on one platform."""

    def __init__(self, folder: Path, platform: Platform, dice: random.Random) -> None:
        self._folder = folder
        self._platform = platform
        self._dice = dice
        self._number = 0
        (folder / "examday.toml").write_text(_CONFIGURATION.format(state=platform.state))

    def round(self, *, whole: bool) -> Round:
        """One death: of a holder, or in a whole run of pytest."""
        self._number += 1
        return self._run_of_pytest() if whole else self._holder()

    def _holder(self) -> Round:
        service = self._dice.choice(SERVICES)
        arguments = [str(self._platform.state), str(self._folder / f"run-{self._number}"), "--service", service]
        arguments += ["--hold", "1", "--lease", str(LEASE_SECONDS), "--late", "3"]
        arguments += ["--abruptly"] if self._dice.random() < 0.5 else []
        process = self._start(["-m", "tests.drills.holder", *arguments], ROOT)
        self._wait(process, 8, self._dice.uniform(0, 1.5))
        kind = self._dice.choices(("signal", "hang", "both"), (8, 1, 1))[0]
        before = self._moment()
        if kind == "hang" and process.poll() is None:
            return self._hang(process, service, before)
        if kind == "both":
            return self._both(process, service, before)
        number = self._dice.choice(SIGNALS)
        process.send_signal(number)
        return self._judge("holder", number.name, service, before, process)

    def _hang(self, process: "subprocess.Popen[bytes]", service: str, before: str) -> Round:
        process.send_signal(signal.SIGSTOP)
        if not before.startswith("in") and before != "intended":
            process.kill()  # it stopped before its journal line or after its end: there is no lease to wait for
        done = self._judge("holder", "SIGSTOP", service, before, None)
        process.kill()
        process.wait()
        return done

    def _both(self, process: "subprocess.Popen[bytes]", service: str, before: str) -> Round:
        """Holder and watchdog at once, as the end of a container does; then the next run comes."""
        if process.poll() is None:
            process.send_signal(signal.SIGSTOP)
        for watchdog in watchdogs():
            watchdog.kill()
        process.kill()
        process.wait()
        site = site_of(self._platform.state, self._folder / f"next-{self._number}")
        take_out_leftovers(site, "the next run")
        return self._judge("holder and watchdog", "SIGKILL", service, before, process)

    def _run_of_pytest(self) -> Round:
        workers = self._dice.choice(("0", "1"))
        arguments = ["-m", "pytest", "-p", "no:cacheprovider", "-q", "--env", "staging", "-m", "phase3 or phase7"]
        process = self._start([*arguments, "-n", workers, "--examday-dir", f"run-{self._number}"], self._folder)
        self._wait(process, 30, self._dice.uniform(0, 12))
        victim, name = self._victim(process, workers)
        number = self._dice.choice(SIGNALS)
        before = self._moment()
        victim.send_signal(number)
        if victim is not process:
            time.sleep(0.5)
            process.kill()  # it would go on with the next drill
        return self._judge(name, number.name, "drills", before, process)

    def _victim(self, process: "subprocess.Popen[bytes]", workers: str) -> tuple[Any, str]:
        """Pytest itself, the xdist worker that holds the fault, or the candidates' process."""
        wanted = self._dice.choice(("pytest", "xdist worker", "load") if workers == "1" else ("pytest", "load"))
        word = {"xdist worker": "exec(eval(", "load": "pytest_examday.load.process"}.get(wanted)
        if word is None or process.poll() is not None:
            return process, f"pytest -n {workers}"
        children = psutil.Process(process.pid).children(recursive=True)
        found = next((child for child in children if word in " ".join(_command_line(child))), None)
        return (process, f"pytest -n {workers}") if found is None else (found, f"{wanted}, then pytest -n {workers}")

    def _wait(self, process: "subprocess.Popen[bytes]", longest: float, after: float) -> None:
        """Until so long after the first fault's line; in one round of four from the start on, whatever is going on."""
        if self._dice.random() < 0.25:
            time.sleep(after)
            return
        until = time.monotonic() + longest
        while not self._platform.journal.read().open and process.poll() is None and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(after)

    def _start(self, arguments: list[str], folder: Path) -> "subprocess.Popen[bytes]":
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with (self._folder / "output.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *arguments],
                cwd=folder,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _moment(self) -> str:
        """What the journal says of the newest fault at the moment of the death."""
        entries = self._platform.journal.read().entries
        return entries[-1].event if entries else "before its line"

    def _judge(
        self, victim: str, death: str, service: str, before: str, process: "subprocess.Popen[bytes] | None"
    ) -> Round:
        clock = time.monotonic()
        wrong: str | None = "not looked at"
        while wrong is not None and time.monotonic() < clock + LEASE_SECONDS + GRACE_SECONDS:
            wrong = self._wrong(process)
            time.sleep(0.05)
        seconds = time.monotonic() - clock
        print(f"{self._number:4d} {victim}, {death}, {service}, {before}: {wrong or f'well after {seconds:.1f} s'}")
        return Round(victim, death, service, before, seconds, wrong is None)

    def _wrong(self, process: "subprocess.Popen[bytes] | None") -> str | None:
        if process is not None and process.poll() is None:
            return "it has not ended"
        if process is not None and watchdogs():
            return "a watchdog is left"
        if self._platform.journal.read().open:
            return "a fault is open"
        return self._platform.wrong()


def report(rounds: list[Round], seed: int) -> None:
    """The count, as the documentation quotes it."""
    bad = [one for one in rounds if not one.good]
    times = sorted(one.seconds for one in rounds if one.good)
    print(f"\nseed {seed}: {len(rounds)} deaths, {len(bad)} faults left")
    if times:
        print(f"well again after {times[len(times) // 2]:.1f} s (median), {times[-1]:.1f} s (longest)")
    for title, key in (("victim", "victim"), ("death", "death"), ("last line of the journal", "state_at_death")):
        counts = Counter(getattr(one, key) for one in rounds)
        print(f"{title}: {', '.join(f'{name} {count}' for name, count in counts.most_common())}")
    for one in bad:
        print(f"LEFT: {one}")


def main() -> int:
    """Run for the given time; exit status 0 only if no fault was left."""
    parser = argparse.ArgumentParser(description="Kill drills at random moments and count the faults that are left.")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--whole-share", type=float, default=0.15, help="share of rounds that kill a whole pytest")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs, and theirs, ignore it
    dice = random.Random(given.seed)
    folder = Path(tempfile.mkdtemp(prefix="examday-kill-"))
    os.environ[VARIABLE] = str(folder / "states")
    platform = Platform(folder)
    campaign = Campaign(folder, platform, dice)
    rounds: list[Round] = []
    end = time.monotonic() + 60 * given.minutes
    try:
        while time.monotonic() < end and all(one.good for one in rounds):
            rounds.append(campaign.round(whole=dice.random() < given.whole_share))
    finally:
        platform.end()
    report(rounds, given.seed)
    if not rounds or not all(one.good for one in rounds):
        print(f"logs, journals and run directories are in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
