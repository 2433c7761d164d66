"""`python -m benchmarks.engine`: how many requests load generators can send from one core, and what they cost.

nginx answers on the first core, one generator after the other works on the second. Needs Linux with two cores,
`nginx`, `taskset` and `k6`; `wrk` has a row if it is installed, and `--locust` names the `locust` program of another
environment. All load goes to 127.0.0.1. Each row is the one with the least CPU time for a request of `--rounds` runs.
"""

import argparse
import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from benchmarks.canned import canned_platform, program
from pytest_examday.load.samples import percentile, read_samples

GENERATORS = Path(__file__).parent / "generators"
_SERVER_CORE, _GENERATOR_CORE = "0", "1"


@dataclass(frozen=True)
class Job:
    """The work of every generator: connections, seconds, the think time (from, to) between two requests in seconds, and
    the requests a second of all connections together; 0: as many as they can."""

    connections: int
    seconds: float
    think: tuple[float, float] = (0.0, 0.0)
    rate: int = 0


@dataclass(frozen=True)
class Sent:
    """What one generator sent; `p95_ms` is None if no request ended in time. `in_time` are the requests whose rate
    and p95 count, if they are not all."""

    requests: int
    errors: int
    p95_ms: float | None
    in_time: int | None = None


@dataclass(frozen=True)
class Cost:
    """The memory and the processor time of a generator, its start and end included."""

    peak_bytes: int
    cpu_seconds: float


@dataclass(frozen=True)
class Measured:
    """What one generator did, and what it cost."""

    name: str
    seconds: float
    sent: Sent
    cost: Cost

    @property
    def per_second(self) -> float:
        """Requests in a second of the clock."""
        return (self.sent.requests if self.sent.in_time is None else self.sent.in_time) / self.seconds

    @property
    def per_cpu_second(self) -> float:
        """Requests in a second of processor time."""
        return self.sent.requests / self.cost.cpu_seconds


Generator = Callable[[Job], Measured]


class Bench:
    """Runs generators against one nginx."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._folder = folder

    def candidates(self, job: Job) -> Measured:
        """The load of a rehearsal; its figures are in its samples."""
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            output, cost = self._follow(self._of_this_package("candidates", job, name), job)
            span = json.loads(output.splitlines()[-1])
            samples = list(read_samples(Path(name) / "load.samples.jsonl"))
        in_time = [one for one in samples if span["since"] <= one.ended <= span["until"]]
        waits = sorted(one.response_ms for one in in_time if one.response_ms is not None)
        errors = sum(one.outcome != "ok" for one in samples)
        sent = Sent(len(samples), errors, percentile(waits, 0.95), len(in_time))
        return Measured("examday candidates", job.seconds, sent, cost)

    def python(self, name: str, module: str, job: Job) -> Measured:
        """A small generator of this package, which prints its figures as JSON."""
        output, cost = self._follow(self._of_this_package(module, job, str(self._folder)), job)
        return Measured(name, job.seconds, Sent(**json.loads(output.splitlines()[-1])), cost)

    def k6(self, job: Job) -> Measured:
        """k6, one virtual user for each connection."""
        summary = self._folder / "k6.json"
        low, high = job.think
        given = {"URL": self._url, "LOW": low, "HIGH": high, "RATE": job.rate, "USERS": job.connections}
        variables = [word for name, value in given.items() for word in ("-e", f"{name}={value}")]
        command = [program("k6", Path(sys.executable).parent / "k6"), "run", "--quiet", "--no-usage-report"]
        command += ["--summary-export", str(summary), *variables, "-e", f"SECONDS={job.seconds:.0f}"]
        _, cost = self._follow([*command, str(GENERATORS / "post.js")], job)
        metrics = json.loads(summary.read_text(encoding="utf-8"))["metrics"]
        requests, failed = int(metrics["http_reqs"]["count"]), int(metrics["http_req_failed"]["passes"])
        return Measured("k6", job.seconds, Sent(requests, failed, float(metrics["http_req_duration"]["p(95)"])), cost)

    def locust(self, locust: Path, job: Job) -> Measured:
        """Locust's FastHttpUser, all users spawned within a second."""
        users = ["-u", str(job.connections), "-r", str(job.connections), "-t", f"{job.seconds:.0f}s"]
        quiet = ["--headless", "--only-summary", "--json", "--loglevel", "ERROR"]
        command = [str(locust), "-f", str(GENERATORS / "locustfile.py"), "-H", self._url, *users, *quiet]
        output, cost = self._follow(command, job, RATE_OF_A_USER=str(job.rate / job.connections))
        (stats,) = json.loads(output[output.index("[") :])
        p95 = _p95({float(ms): count for ms, count in stats["response_times"].items()})
        sent = Sent(int(stats["num_requests"]), int(stats["num_failures"]), p95)
        return Measured("Locust FastHttpUser", job.seconds, sent, cost)

    def wrk(self, job: Job) -> Measured:
        """wrk with one thread."""
        load = ["-t1", f"-c{job.connections}", f"-d{job.seconds:.0f}s", "--timeout", "60s"]
        output, cost = self._follow(["wrk", *load, "-s", str(GENERATORS / "post.lua"), self._url + _ANSWERS], job)
        return Measured("wrk", job.seconds, Sent(**json.loads(output.splitlines()[-1])), cost)

    def _of_this_package(self, module: str, job: Job, folder: str) -> list[str]:
        work = [self._url, job.connections, job.seconds, *job.think, job.rate, folder]
        return [sys.executable, "-m", f"benchmarks.generators.{module}", *map(str, work)]

    def _follow(self, command: Sequence[str], job: Job, **variables: str) -> tuple[str, Cost]:
        """Run a generator on the second core; returns its output and its cost."""
        log = self._folder / "generator.log"
        before = _cpu_seconds()
        with log.open("wb") as errors, (self._folder / "output").open("w+b") as output:
            pinned = ["taskset", "-c", _GENERATOR_CORE, *command]
            environment = {**os.environ, **variables}
            process = subprocess.Popen(
                pinned, stdout=output, stderr=errors, cwd=GENERATORS.parent.parent, env=environment
            )
            peak = _watch(process, job.seconds + 120)
            output.seek(0)
            text = output.read().decode()
        if process.returncode != 0:
            raise SystemExit(f"{command[0]} ended with {process.returncode}: {log.read_text()[-2000:]}")
        return text, Cost(peak, _cpu_seconds() - before)


_ANSWERS = "/v1/sessions/s-1/answers"


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


def _p95(counts: dict[float, int]) -> float | None:
    left = sum(counts.values()) * 0.95
    for ms, count in sorted(counts.items()):
        left -= count
        if left < 0:
            return ms
    return None


def table(measured: Sequence[Measured], *, p95: bool) -> str:
    """A Markdown table; the ratios are to the first row."""
    ours = measured[0]
    rows = [
        f"| generator | requests per CPU second | ratio | CPU seconds | requests/s |{' p95 |' if p95 else ''} "
        "peak memory | errors |",
        f"| --- |{' ---: |' * (7 if p95 else 6)}",
    ]
    for one in measured:
        cells = [
            one.name,
            f"{one.per_cpu_second:,.0f}",
            _ratio(one.per_cpu_second / ours.per_cpu_second),
            f"{one.cost.cpu_seconds:,.1f}",
            f"{one.per_second:,.0f}",
            *([_milliseconds(one.sent.p95_ms)] if p95 else []),
            f"{one.cost.peak_bytes / 1e6:,.0f} MB",
            f"{one.sent.errors:,}",
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _milliseconds(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f} ms"


def _ratio(value: float) -> str:
    return f"{value:.1g}" if value < 0.1 else f"{value:,.2f}" if value < 10 else f"{value:,.0f}"


def measure(bench: Bench, locust: Path | None, rounds: int) -> Iterable[str]:
    """The tables, one after the other."""
    closed, paced, thinking = Job(400, 10), Job(400, 10, rate=2_000), Job(5_000, 30, (5, 10))
    wire = partial(bench.python, "examday wire alone", "wire")
    pooled = partial(bench.python, "httpx, one client with a pool", "with_httpx")
    apart = partial(bench.python, "httpx, a client for each connection", "with_httpx_clients")
    others: list[Generator] = [bench.k6, *([partial(bench.locust, locust)] if locust else [])]
    fastest: list[Generator] = [bench.wrk] if shutil.which("wrk") else []
    yield f"{closed.connections:,} connections in a closed loop, {closed.seconds:.0f} s, one core:\n"
    yield table(_best([bench.candidates, *others, apart, pooled, wire, *fastest], closed, rounds), p95=False)
    rate = f"{paced.rate:,} requests a second over {paced.connections:,} connections"
    yield f"\n{rate}, {paced.seconds:.0f} s, one core:\n"
    yield table(_best([bench.candidates, *others, apart, wire], paced, rounds), p95=True)
    low, high = thinking.think
    yield (
        f"\n{thinking.connections:,} connections that think {low:.0f} to {high:.0f} s, {thinking.seconds:.0f} s, "
        "one core:\n"
    )
    yield table(_best([bench.candidates, bench.k6], thinking, 1), p95=True)


def _best(generators: Sequence[Generator], job: Job, rounds: int) -> list[Measured]:
    """Each generator in each round, one after the other; of each the run that was disturbed least."""
    runs = [[generator(job) for generator in generators] for _ in range(rounds)]
    return [max(of_one, key=lambda run: run.per_cpu_second) for of_one in zip(*runs, strict=True)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--locust", type=Path, help="the locust program")
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    if len(os.sched_getaffinity(0)) < 2:
        raise SystemExit("two cores are needed: one for nginx, one for the generator")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as name, canned_platform(Path(name), _SERVER_CORE) as url:
        for part in measure(Bench(url, Path(name)), given.locust, given.rounds):
            print(part, flush=True)


if __name__ == "__main__":
    main()
