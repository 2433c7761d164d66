"""The watchdog of k6: a process between pytest and one k6, which starts k6, reads its console and ends it.

The first line of its standard input is the plan. k6 begins the load as soon as its virtual users are ready, and the
watchdog reports when. The end of the input means that the process that started it is gone or stops the load: then the
watchdog ends k6 at once, so that k6 cannot outlive a killed pytest. (The signal that Linux can send when a parent dies
would not do: it is sent when the thread that started k6 ends, and nobody would be left to complete the ledger.)

k6 writes what actors do to its console, a file, before it sends a write. While k6 runs, the watchdog copies the lines
to ledger, samples and fates. A whole load needs the console no more, and it is removed.

k6 does not report the lag of its event loops. Instead each actor measures how late it wakes after it has slept until
its next action: if k6 lacks processor time, it shows there."""

import io
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from pytest_examday.errors import Unmeasurable, UsageProblem
from pytest_examday.load.k6.console_lines import ConsoleLines
from pytest_examday.load.k6.exits import problem_of
from pytest_examday.load.k6.k6_plan import PLAN_FILE, K6Plan, write_secret
from pytest_examday.load.k6.processors import ProcessorWatch
from pytest_examday.load.k6.tail import Tail
from pytest_examday.load.samples import percentile
from pytest_examday.resources import folder

LEAD_MS = 300
"""Milliseconds from the moment at which k6 is ready to the beginning of the load."""
_POLL_SECONDS = 0.1
_REPORT_SECONDS = 1.0
_END_SECONDS = 5
_NOT_INHERITED = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "API_URL", "AUTH_TOKEN"})
"""Variables that k6 must not see: proxies, because the platform is measured without them, and the variables that its
scripts read when a person runs them."""


class K6Watchdog:
    """Starts k6, follows it to its end, and ends it early if the process that started the load is gone."""

    def __init__(self, plan: K6Plan) -> None:
        self._plan = plan
        self._stopped = threading.Event()
        self._shares: list[float] = []

    def stop(self) -> None:
        """End the load early."""
        self._stopped.set()

    def run(self) -> dict[str, object] | None:
        """Run the load; returns the fields of `evidence.figures.GeneratorFigures`, or None if `stop` ended it.

        Raises Unmeasurable if an actor did not finish, OSError if a file takes no more.
        """
        plan = self._plan
        self._prepare()
        with ConsoleLines(Path(plan.ledger), Path(plan.samples), Path(plan.fates)) as lines:
            with Path(plan.folder, "k6.log").open("wb") as log:
                k6 = subprocess.Popen(
                    self._command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment()
                )
            clock = time.monotonic()
            try:
                self._follow(k6, lines)
            finally:
                _end(k6)
            seconds = time.monotonic() - clock
            if self._stopped.is_set():
                return None
            self._require_whole(k6.returncode, lines)
            return self._account(lines, seconds)

    def _prepare(self) -> None:
        files = self._plan.k6_files(LEAD_MS)
        for name, text in {**files.plain, **files.secret}.items():
            write_secret(Path(self._plan.secrets, name), text)
            if name not in (*files.secret, PLAN_FILE):  # headers and bodies of a contract may hold secrets
                Path(self._plan.folder, name).write_text(text, encoding="utf-8")
        self._config.write_text("{}", encoding="utf-8")

    @property
    def _config(self) -> Path:
        return Path(self._plan.secrets, "config.json")

    def _command(self) -> list[str]:
        folder_of_load = Path(self._plan.folder)
        return [
            self._plan.k6,
            "run",
            "--quiet",
            "--no-usage-report",
            "--no-color",
            "--address=",  # no REST interface: it would listen on a fixed port
            f"--config={self._config}",  # and not the user's own, which may set options
            f"--console-output={self._plan.console}",
            "--log-format=raw",
            f"--out=json={folder_of_load / 'points.json.gz'}",
            str(folder("k6") / self._plan.script),
        ]

    def _environment(self) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name.upper() not in _NOT_INHERITED and not name.startswith("K6_")
        }
        return {
            **inherited,
            "EXAMDAY_PLAN": self._plan.secrets,
            "EXAMDAY_ACCOUNTS": self._plan.secrets,
            "EXAMDAY_SUMMARY": str(Path(self._plan.folder, "summary.json")),
            "GODEBUG": "http2client=0",  # HTTP/1.1, as the built-in engine speaks
        }

    def _follow(self, k6: "subprocess.Popen[bytes]", lines: ConsoleLines) -> None:
        """Read the console until k6 has ended or the load is stopped."""
        watch = ProcessorWatch(k6.pid)
        tail = Tail(self._plan.console)
        last_report = time.monotonic()
        ready = False
        running = True
        while running and not self._stopped.is_set():
            running = k6.poll() is None  # before the reading, so that the last reading is after the end
            lines.take(tail.lines())
            if lines.begun is not None and not ready:
                ready = True
                _remove_what_k6_reads(self._plan)  # k6 has read them, and nobody else needs them
                _report(ready=True, begun=lines.begun)
            if time.monotonic() - last_report >= _REPORT_SECONDS:
                last_report = time.monotonic()
                self._shares += watch.share()
                _report(working=lines.arrived - lines.done, done=lines.done, writes=lines.writes)
            if running:
                time.sleep(_POLL_SECONDS)
        if self._stopped.is_set():
            _end(k6)
            lines.take(tail.lines())

    def _require_whole(self, exit_status: int, lines: ConsoleLines) -> None:
        problem = problem_of(exit_status)
        if lines.crash is not None:
            raise Unmeasurable(f"the k6 script failed: {lines.crash}")
        if problem is not None:
            raise Unmeasurable(f"{problem}{self._first_log_line()}")
        if lines.requests == 0:
            raise Unmeasurable("k6 sent no request")
        if lines.done != len(self._plan.accounts):
            raise Unmeasurable(f"{lines.done} of {len(self._plan.accounts)} {self._plan.who} finished")
        if lines.gap is not None:
            raise Unmeasurable(lines.gap)

    def _first_log_line(self) -> str:
        lines = Path(self._plan.folder, "k6.log").read_text(encoding="utf-8", errors="replace").split("\n")
        first = next((line.strip() for line in lines if line.strip()), "")
        return f": {first[:200]}" if first else ""

    def _account(self, lines: ConsoleLines, seconds: float) -> dict[str, object]:
        lag_p95, lag_max = lines.lags()
        shares = sorted(self._shares)
        return {
            "planned_actors": len(self._plan.accounts),
            "started_actors": lines.arrived,
            "finished_actors": lines.done,
            "planned_actions": self._plan.planned_writes(),
            "delivered_actions": lines.writes,
            "lag_p95_ms": lag_p95,
            "lag_max_ms": lag_max,
            "cpu_share": round(sum(shares) / len(shares), 3) if shares and seconds > 0 else None,
            "cpu_peak_share": percentile(shares, 0.95),
        }


def _end(k6: "subprocess.Popen[bytes]") -> None:
    """End k6 if it still runs, and kill it if it has not ended 5 s later."""
    if k6.poll() is not None:
        return
    k6.terminate()
    try:
        k6.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        k6.kill()
        k6.wait()


def _report(**event: Any) -> None:
    print(json.dumps(event), flush=True)  # noqa: T201 # the reply to whoever started this process


def _listen(watchdog: K6Watchdog) -> None:
    for _ in sys.stdin:
        continue  # actors keep to the schedule; nothing that is said changes it
    watchdog.stop()


def _remove_what_k6_reads(plan: K6Plan) -> None:
    for name in ("accounts-*.json", "candidates-*.json", PLAN_FILE):
        for path in Path(plan.secrets).glob(name):
            path.unlink(missing_ok=True)


def run_k6(kind: type[K6Plan]) -> int:
    """Run a load whose plan is of this kind; returns the exit status of the program: 0 after a whole load, 3 if the
    load was stopped, 4 if it failed."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8")
    plan = kind.model_validate_json(sys.stdin.readline())
    watchdog = K6Watchdog(plan)
    threading.Thread(target=_listen, args=(watchdog,), daemon=True).start()
    try:
        figures = watchdog.run()
    except (Unmeasurable, UsageProblem) as reason:
        _report(failed=str(reason))
        return 4
    except OSError as problem:
        _report(failed=f"{problem.strerror or problem} ({problem.filename or 'while writing what happened'})")
        return 4
    finally:
        _remove_what_k6_reads(plan)
        Path(plan.secrets, "config.json").unlink(missing_ok=True)
    if figures is None:
        return 3
    plan.console.unlink()
    _report(done=figures)
    return 0
