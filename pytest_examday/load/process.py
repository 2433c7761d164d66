"""The load process: `python -m pytest_examday.load.process`, told by its standard input.

The first line is the plan; a later line `finish` tells candidates to submit; the end of the input means that
whoever started the load is gone or wants it to end, and ends it at once. The last line on standard output says
that the load came to its own end, and how the generator fared.
"""

import asyncio
import contextlib
import json
import ssl
import sys
import time
from pathlib import Path
from random import Random

from pytest_examday.evidence.figures import CandidateFate
from pytest_examday.load.candidate import Candidate
from pytest_examday.load.client import Client
from pytest_examday.load.garbage import calm_collector
from pytest_examday.load.ledger import LedgerWriter
from pytest_examday.load.plan import Plan
from pytest_examday.load.samples import SampleWriter, percentile
from pytest_examday.load.script import write_script
from pytest_examday.progress import ProgressFile

_LAG_PROBE_SECONDS = 0.05


class LoadRun:
    """All candidates of one plan in one event loop."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.told = asyncio.Event()
        self._ledger = LedgerWriter(Path(plan.ledger))
        self._samples = SampleWriter(Path(plan.samples))
        self._progress = ProgressFile(Path(plan.progress))
        self._lags: list[float] = []
        self._started = 0
        self._ended = 0
        self._planned = 0
        self._candidates: list[Candidate] = []

    async def run(self) -> dict[str, object]:
        """Live all exams; returns what the generator says of itself."""
        clock, cpu = time.monotonic(), time.process_time()
        watchers = [asyncio.create_task(self._watch_lag()), asyncio.create_task(self._tell())]
        lives = self._lives()
        try:
            with Path(self.plan.fates).open(  # noqa: ASYNC230 # one short line an exam
                "a", buffering=1, encoding="utf-8"
            ) as fates:
                for life in asyncio.as_completed(lives):
                    fates.write((await life).model_dump_json() + "\n")
                    self._ended += 1
        finally:
            for task in (*watchers, *lives):
                task.cancel()
            self._ledger.close()
            self._samples.close()
        return self._account(time.monotonic() - clock, time.process_time() - cpu)

    def _lives(self) -> list[asyncio.Task[CandidateFate]]:
        context = ssl.create_default_context()
        context.set_alpn_protocols(["http/1.1"])
        gap = self.plan.arrive_seconds / len(self.plan.accounts)
        return [
            asyncio.create_task(self._life(number, gap * number, context)) for number in range(len(self.plan.accounts))
        ]

    async def _life(self, number: int, arrives_in: float, context: ssl.SSLContext) -> CandidateFate:
        rng = Random(f"{self.plan.seed}-{number}")
        script = write_script(rng, self.plan.questions, self.plan.habits)
        self._planned += script.writes
        habits = self.plan.habits
        client = Client(self.plan.api_url, self.plan.contract, habits.timeout_seconds, context)
        account = self.plan.accounts[number]
        candidate = Candidate(self.plan, account, script, client, self._ledger, self._samples, rng, self.told)
        self._candidates.append(candidate)
        self._started += 1
        return await candidate.live(arrives_in)

    def _account(self, seconds: float, cpu_seconds: float) -> dict[str, object]:
        lags = sorted(self._lags)
        return {
            "planned_candidates": len(self.plan.accounts),
            "started_candidates": self._started,
            "finished_candidates": self._ended,
            "planned_actions": self._planned if self.plan.until == "script" else 0,
            "delivered_actions": sum(candidate.writes for candidate in self._candidates),
            "lag_p95_ms": percentile(lags, 0.95),
            "lag_max_ms": percentile(lags, 1.0),
            "cpu_share": round(cpu_seconds / seconds, 3) if seconds > 0 else None,
        }

    async def _watch_lag(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(_LAG_PROBE_SECONDS)
            self._lags.append(max(0.0, (time.perf_counter() - before - _LAG_PROBE_SECONDS) * 1000))

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(1)
            answers = sum(candidate.writes for candidate in self._candidates)
            self._progress.say(
                f"{self.plan.activity}: {self._started - self._ended} candidates working, {self._ended} done, "
                f"{answers} writes",
                passing=True,
            )


async def _listen(run: LoadRun, reader: asyncio.StreamReader) -> None:
    while line := await reader.readline():
        if line.strip() == b"finish":
            run.told.set()


async def _main() -> int:
    reader = asyncio.StreamReader(limit=2**26)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    run = LoadRun(Plan.model_validate_json(await reader.readline()))
    calm_collector()
    listening = asyncio.create_task(_listen(run, reader))
    living = asyncio.create_task(run.run())
    await asyncio.wait({listening, living}, return_when=asyncio.FIRST_COMPLETED)
    if not living.done():
        living.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await living
        return 3
    listening.cancel()
    print(json.dumps(living.result()), flush=True)  # noqa: T201 # the answer to whoever started this process
    return 0


def main() -> int:
    """Run the load on uvloop where it is installed; returns the exit status."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(_main())
    return uvloop.run(_main())


if __name__ == "__main__":
    sys.exit(main())
