"""Ends processes of whole runs at random moments, with and without xdist, and counts the runs that go on for ever.

`python -m benchmarks.kill_runs --rounds 100 --seed 1`. Each round judges the evidence of an earlier run by its gates,
beside tests and a gate of a user's, and ends pytest, one of its xdist workers or all of them by SIGINT, SIGTERM or
SIGKILL. A round is good if the run ends, if its status is 0 only beside a GO, and if a worker that died in it is NO-GO.
"""

import argparse
import json
import random
import signal
import subprocess
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import psutil

from tests.pytest_command import PYTEST
from tests.report.samples import write_run

_END_SECONDS = 60.0
_SIGNAL_SECONDS = (0.1, 2.5)
"""When the signal is sent, in seconds after the victims were started."""
_WORKERS = (0, 1, 2, 4)
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
_VICTIMS = ("pytest", "a worker", "all workers")
_MINE = (
    "import pytest, time\n"
    "@pytest.mark.parametrize('number', range(6))\n"
    "def test_mine(number):\n    time.sleep(0.2)\n"
    "@pytest.mark.gate(name='mine')\n"
    "def test_gate():\n    time.sleep(0.2)\n"
)


def _workers(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(process.pid).children()
    return []


def _await_workers(process: subprocess.Popen[bytes], count: int) -> None:
    """Wait until the run has started its workers, or has ended."""
    while process.poll() is None and len(_workers(process)) < count:
        time.sleep(0.05)


def _end(process: subprocess.Popen[bytes], victim: str, number: int, draw: random.Random) -> bool:
    """Send the signal; returns whether somebody got it."""
    if victim == "pytest":
        process.send_signal(number)
        return process.poll() is None
    workers = _workers(process)
    chosen = workers if victim == "all workers" else draw.sample(workers, min(1, len(workers)))
    for worker in chosen:
        with suppress(psutil.NoSuchProcess):
            worker.send_signal(number)
    return bool(chosen)


def _round(folder: Path, earlier: Path, draw: random.Random) -> tuple[str, str]:
    """One run; returns what was done and what came of it."""
    count, number = draw.choice(_WORKERS), draw.choice(_SIGNALS)
    victim = draw.choice(_VICTIMS) if count else "pytest"
    (folder / "test_mine.py").write_text(_MINE)
    command = [*PYTEST, "--env=local", f"--examday-evidence={earlier}", "-m", "gates or not gates", "-n", str(count)]
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
        if victim != "pytest":
            _await_workers(process, count)
        with suppress(subprocess.TimeoutExpired):
            process.wait(draw.uniform(*_SIGNAL_SECONDS))
        reached = _end(process, victim, number, draw)
        begun = time.monotonic()
        try:
            status = process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            for one in (*_workers(process), psutil.Process(process.pid)):
                one.kill()
            process.wait()
            return f"{victim}, {signal.Signals(number).name}, -n {count}", "HANGS"
    seconds = time.monotonic() - begun
    done = f"{victim}, {signal.Signals(number).name}, -n {count}"
    if not reached:
        return done, "nobody was there"
    verdicts = [json.loads(path.read_text())["verdict"] for path in folder.glob("rehearsals/2*/verdict.json")]
    said = (folder / "output").read_text(errors="replace")
    if (status == 0) != (verdicts == ["GO"]) and not (victim == "pytest" and verdicts == ["GO"]):
        return done, f"status {status} beside {verdicts}"
    if "node down" in said and verdicts == ["GO"]:
        return done, "GO though a worker died"
    return done, f"ends well, within {10 if seconds < 10 else 30 if seconds < 30 else 60} s"


def main() -> None:
    """Run the rounds and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as base:
        earlier = Path(base) / "earlier"
        write_run(earlier)
        for number in range(arguments.rounds):
            folder = Path(base) / f"round-{number}"
            folder.mkdir()
            done, outcome = _round(folder, earlier, random.Random(f"{arguments.seed} {number}"))
            outcomes[outcome] += 1
            if not outcome.startswith(("ends well", "nobody")):
                print(f"round {number}: {done}: {outcome}", flush=True)
    for outcome, count in outcomes.most_common():
        print(f"{count:5} {outcome}")


if __name__ == "__main__":
    main()
