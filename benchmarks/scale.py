"""`python -m benchmarks.scale`: loads of thousands of candidates who sit a whole exam, on a machine with two cores.

nginx answers the contract's operations from canned bodies; the load is the built-in engine's own processes with the
real ledger and samples, and the figures are read from them as the rehearsal reads them. All load goes to 127.0.0.1,
and ends. Needs `nginx`, `taskset` and 11,500 file descriptors a process (`ulimit -Hn`).
"""

import argparse
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.canned import QUESTIONS, canned_platform
from pytest_examday.config.profiles import Habits, LoadProfile
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.evidence.figures import GeneratorFigures
from pytest_examday.load.ledger import count_writes
from pytest_examday.load.load_in_processes import Load
from pytest_examday.load.load_plan import PlannedAccount, split_plan
from pytest_examday.load.load_summary import (
    BegunWrites,
    PlannedWrites,
)
from pytest_examday.observe.watch import Watch
from pytest_examday.run.progress import ProgressFile
from pytest_examday.suites.exam.load.candidate_script import Schedule
from pytest_examday.suites.exam.load.exam_plan import ExamPlan
from pytest_examday.suites.exam.load.exam_summary import exam_requests, exam_times

_BOTH_CORES = "0,1"
_HEAD = (
    "candidates",
    "processes",
    "planned writes",
    "begun",
    "acknowledged",
    "least begun of a window",
    "late arrivals, p95",
    "answers, p95",
    "answers as felt, p95",
    "errors",
    "lag, p95",
    "lag, worst",
    "busiest process",
    "peak memory of all",
)


def main() -> None:
    """Run each size and print a row of a table for it."""
    options = argparse.ArgumentParser(description="whole candidates by the thousand")
    options.add_argument("--candidates", type=int, nargs="+", default=[5_000, 15_000])
    options.add_argument("--processes", type=int)
    given = options.parse_args()
    print(f"| {' | '.join(_HEAD)} |\n{'| ---: ' * len(_HEAD)}|")
    for candidates in given.candidates:
        print(f"| {' | '.join(_measured(_exam(candidates, given.processes)))} |", flush=True)


def _exam(candidates: int, processes: int | None) -> LoadProfile:
    """Three minutes of an exam with the think time of source document 001."""
    return LoadProfile(
        candidates=candidates,
        arrive_seconds=60,
        answer_seconds=90,
        submit_seconds=30,
        questions=QUESTIONS,
        ramp_seconds=10,
        window_seconds=5,
        processes=processes,
        habits=Habits(think_seconds=(5, 30)),
    )


def _measured(profile: LoadProfile) -> tuple[str, ...]:
    with tempfile.TemporaryDirectory() as name, canned_platform(Path(name), _BOTH_CORES) as url:
        folder = Path(name)
        plans = split_plan(_plan(profile, url, folder), profile.processes_on(2))
        with Load(plans, folder, ProgressFile(folder / "progress.jsonl")) as load, _Memory() as memory:
            made = load.wait(profile.exam_seconds + 120)
        return _told(profile, load, made, memory.peak)


def _plan(profile: LoadProfile, url: str, folder: Path) -> ExamPlan:
    people = (PlannedAccount(email=f"c{number}@exam.example", password="pw") for number in range(profile.candidates))
    return ExamPlan(
        activity="load",
        api_url=url,
        contract=CONTRACT,
        accounts=tuple(people),
        arrivals=profile.candidates,
        schedule=Schedule.of(profile),
        questions=profile.questions,
        habits=profile.habits,
        seed=1,
        ledger=str(folder / "load.ledger.jsonl"),
        samples=str(folder / "load.samples.jsonl"),
        fates=str(folder / "load.fates.jsonl"),
    )


def _told(profile: LoadProfile, load: Load, made: GeneratorFigures, peak: int) -> tuple[str, ...]:
    clock = exam_times(load.begun, profile)
    due, begun = PlannedWrites.of(load.plans, clock), BegunWrites(clock)
    writes = count_writes(begun.counted(load.writes()))
    requests = exam_requests(clock).read(load.samples())
    (answers,) = (figures for figures in requests.operations() if figures.operation == "answer")
    overall, arrivals = requests.overall(), requests.arrivals(due)
    windows = [window for window in requests.windows(due, begun) if window.planned]
    return (
        f"{profile.candidates:,}",
        str(made.processes),
        f"{made.planned_actions:,}",
        f"{made.delivered_actions:,}",
        f"{writes.acknowledged:,}",
        f"{min((window.begun or 0) / window.planned for window in windows if window.planned):.0%}",
        f"{arrivals.late_p95_ms:.1f} ms",
        f"{answers.p95_ms:.1f} ms",
        f"{answers.response_p95_ms:.1f} ms",
        f"{overall.errors:,} of {overall.requests:,}",
        f"{made.lag_p95_ms:.1f} ms",
        f"{made.lag_max_ms:.0f} ms",
        f"{made.cpu_share:.0%} of a core",
        f"{peak >> 20:,} MB",
    )


class _Memory(Watch):
    """The most resident memory that all processes of a load had at a moment, in bytes, looked at twice a second."""

    def __init__(self) -> None:
        super().__init__("memory", 0.5)
        self.peak = 0

    def read(self) -> None:
        children = psutil.Process().children(recursive=True)
        self.peak = max(self.peak, sum(_resident(child) for child in children))


def _resident(process: psutil.Process) -> int:
    try:
        if ExamPlan.program not in process.cmdline():
            return 0
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0  # it ended between listing and reading


if __name__ == "__main__":
    begun = time.monotonic()
    main()
    print(f"\n{time.monotonic() - begun:.0f} s in all")
