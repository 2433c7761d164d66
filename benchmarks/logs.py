"""Measures what the review of a platform's logs costs, beside tools that read the same log for less.

    python -m benchmarks.logs [--megabytes 5000] [--others 500] [--duckdb PYTHON] [--directory DIR]

Two logs of the size are written and deleted at the end. The review reads them whole, the other tools a part of the
first (`--others`). Each row is a process of its own, whose CPU time and peak memory count, its start included; of three
runs the one with the least CPU time. Rows with a tool that is not installed are left out. `--duckdb` is a Python in
which `duckdb` is installed.
"""

import argparse
import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pytest_examday.config.environment import Environment
from pytest_examday.observe.log_block import TimeSpan
from pytest_examday.observe.log_review import LogQuery, review
from pytest_examday.runtimes.none import NoServices

_BEGAN = datetime(2026, 1, 15, 8, tzinfo=UTC).timestamp()
_FOLLOWED, _FAILED = 200, 2_000
_TRACEBACK = b'Traceback (most recent call last):\n  File "/srv/app/main.py", line 7, in answer\nKeyError: 7\n'
_JQ = (
    'reduce (inputs | fromjson? | select(.event == "request")) as $line ({"requests": 0, "errors": 0, "ms": 0}; '
    ".requests += 1 | .errors += (if $line.status >= 500 then 1 else 0 end) | .ms += $line.total_ms)"
)
_DUCKDB = """
import duckdb, sys
connection = duckdb.connect()
connection.execute("SET threads = 1")
print(connection.execute('''
    SELECT count(*), count(*) FILTER (status >= 500), approx_quantile(total_ms, [0.5, 0.95, 0.99]),
           count(*) FILTER (request_id IN (SELECT unnest(range(200)::VARCHAR[])))
    FROM read_json(?, format = 'newline_delimited', ignore_errors = true, columns = {
        ts: 'TIMESTAMPTZ', event: 'VARCHAR', request_id: 'VARCHAR', route: 'VARCHAR', status: 'INTEGER',
        total_ms: 'DOUBLE'})
    WHERE event = 'request' AND ts >= '2026-01-15 08:00:00+00' ''', [sys.argv[1]]).fetchall())
"""
_ONE_BY_ONE = """
import json, sys
requests = errors = unreadable = 0
waits = []
for line in open(sys.argv[1], encoding="utf-8"):
    try:
        body = json.loads(line)
    except ValueError:
        unreadable += 1
        continue
    if body.get("event") == "request":
        requests += 1
        errors += body["status"] >= 500
        waits.append(body["total_ms"])
waits.sort()
print(requests, errors, unreadable, waits[len(waits) * 95 // 100])
"""


@dataclass(frozen=True)
class Row:
    """What one tool cost: CPU seconds, wall clock and peak memory."""

    name: str
    megabytes: float
    cpu_seconds: float
    seconds: float
    peak_mb: float

    def cells(self) -> str:
        """The row of a Markdown table."""
        rate = f"**{self.megabytes / self.cpu_seconds:,.0f}**"
        figures = (f"{self.megabytes:,.0f}", rate, f"{self.cpu_seconds:,.1f}", f"{self.seconds:,.1f}")
        return f"| {' | '.join((self.name, *figures, f'{self.peak_mb:,.0f}'))} |"


def main() -> None:
    """Measure and print; in a process of its own for `--alone`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=5_000)
    parser.add_argument("--others", type=int, default=500)
    parser.add_argument("--duckdb", type=Path)
    parser.add_argument("--directory", type=Path)
    parser.add_argument("--alone", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone is not None:
        print(json.dumps(_alone(given.alone)))
        return
    with tempfile.TemporaryDirectory(prefix="examday-benchmark-", dir=given.directory) as name:
        print("| what reads | MB | MB per CPU second | CPU seconds | seconds | peak memory, MB |")
        print(f"| --- |{' ---: |' * 5}")
        for row in _rows(Path(name), given):
            print(row.cells(), flush=True)


def _rows(folder: Path, given: argparse.Namespace) -> Iterator[Row]:
    whole, broken, part = folder / "worker-1.log", folder / "worker-2.log", folder / "part.log"
    write_log(whole, given.megabytes, tracebacks=False)
    write_log(broken, given.megabytes, tracebacks=True)
    write_log(part, given.others, tracebacks=False)
    ours = [sys.executable, "-m", "benchmarks.logs", "--alone"]
    ids = folder / "ids"
    ids.write_text("".join(f"ed-{number:032x}\n" for number in range(_FOLLOWED + _FAILED)))
    yield measured("examday review", [*ours, str(whole)], whole)
    yield measured("the same, a traceback after every 1,000th request", [*ours, str(broken)], broken)
    yield measured("the same, a part of the first", [*ours, str(part)], part)
    yield measured("`grep -cF` one id", ["grep", "-cF", f"ed-{0:032x}", str(part)], part)
    yield measured("`grep -F -f` 2,200 ids", ["grep", "-F", "-f", str(ids), str(part)], part)
    if shutil.which("jq"):
        yield measured("`jq`: requests, errors, mean", ["jq", "-nR", _JQ, str(part)], part)
    if given.duckdb:
        yield measured("DuckDB: percentiles, errors, ids", [str(given.duckdb), "-c", _DUCKDB, str(part)], part)
    yield measured("`json.loads` line by line: p95, errors", [sys.executable, "-c", _ONE_BY_ONE, str(part)], part)


def measured(name: str, command: list[str], file: Path, times: int = 3) -> Row:
    """Run a tool over a file that was read once before, so that no row pays for the disk; the run with the least CPU
    time counts, because it was disturbed least."""
    with file.open("rb", buffering=0) as log:
        while log.read(1 << 24):
            pass
    runs = (_run(name, command, file.stat().st_size / 1e6) for _ in range(times))
    return min(runs, key=lambda row: row.cpu_seconds)


def _run(name: str, command: list[str], megabytes: float) -> Row:
    begun = time.monotonic()
    peak = 0.0
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output)
        while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            peak = max(peak, _peak_mb(process.pid))
            time.sleep(0.02)
        seconds = time.monotonic() - begun
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in {0, 1}:  # 1 is grep's word for nothing found
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    return Row(name, megabytes, used.ru_utime + used.ru_stime, seconds, peak)


def _peak_mb(pid: int) -> float:
    """The most resident memory of the program until now; `ru_maxrss` would count that of this process in."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


def write_log(path: Path, megabytes: int, *, tracebacks: bool) -> None:
    """Lines as the embedded platform writes them, 100 requests for each slow query."""
    dice = random.Random(1)
    size, number = megabytes * 1_000_000, 0
    with path.open("wb") as log:
        while log.tell() < size:
            stamp = datetime.fromtimestamp(_BEGAN + number / 2_000, UTC).isoformat(timespec="milliseconds")[:-6]
            lines = [_request(number + one, stamp, dice) for one in range(100)]
            slow = f'"event": "slow_sql", "ms": {dice.random() * 400:.1f}'
            lines.append(f'{{"ts": "{stamp}Z", "level": "WARNING", {slow}}}')
            log.write(("\n".join(lines) + "\n").encode())
            number += 100
            if tracebacks and number % 1_000 == 0:
                log.write(_TRACEBACK)


def _request(number: int, stamp: str, dice: random.Random) -> str:
    ms = dice.lognormvariate(3, 1)
    status = 503 if number % 10_000 == 7 else 200
    return (
        f'{{"ts": "{stamp}Z", "level": "INFO", "event": "request", "worker": "worker-1", '
        f'"request_id": "ed-{number:032x}", "method": "POST", "route": "/v1/sessions/{{session_id}}/answers", '
        f'"path": "/v1/sessions/{number % 997:032x}/answers", "status": {status}, "total_ms": {ms:.2f}, '
        f'"db_ms": {ms / 2:.2f}, "queries": 3, "user_id": "{number % 997:032x}", "error": null}}'
    )


def _alone(path: Path) -> dict[str, object]:
    """All that phase 6 asks of a log: figures outside drills, requests to follow, failures, secrets."""
    asked = LogQuery(
        whole_lines=frozenset(f"ed-{number * 37:032x}" for number in range(_FOLLOWED)),
        statuses_only=frozenset(f"ed-{number * 10_000 + 7:032x}" for number in range(_FAILED)),
        secrets={"a password": f"wrong-{'0' * 32}", "an access token": f"eyJhbGciOiJIUzI1NiJ9.{'x' * 160}"},
        disturbed=[TimeSpan(_BEGAN + start, _BEGAN + start + 15) for start in (60, 120, 180)],
    )
    reviewed = review(Environment(name="staging"), NoServices("staging", (str(path),)), _BEGAN, asked)
    return {**reviewed.figures, "found": len(reviewed.found.statuses), "secrets": reviewed.secrets}


if __name__ == "__main__":
    main()
