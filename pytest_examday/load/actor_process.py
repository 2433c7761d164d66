"""One process of the load: `python -m pytest_examday.load.actor_process`, told by its standard input.

The first line is its plan; `begin EPOCH` starts the exam at that moment, so that several processes start it
together; `finish` tells candidates to submit; the end of the input means that whoever started the load is gone or
wants it to end, and ends it at once. It answers on standard output, one JSON object a line: `ready`, every second
how far it is, and at last `done` with what the generator says of itself, or `failed` with the reason.
"""

import asyncio
import contextlib
import json
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path

from pytest_examday.errors import Unmeasurable
from pytest_examday.load.client import Client
from pytest_examday.load.descriptors import require_descriptors
from pytest_examday.load.garbage import calm_collector
from pytest_examday.load.ledger import LedgerWriter
from pytest_examday.load.load_plan import Plan
from pytest_examday.load.samples import SampleWriter
from pytest_examday.load.self_watch import SelfWatch
from pytest_examday.suites.exam.load.candidate import Candidate

_TELL_SECONDS = 1.0


class LoadRun:
    """All candidates of one plan in one event loop."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.told = asyncio.Event()
        self._ledger = LedgerWriter(Path(plan.ledger))
        self._samples = SampleWriter(Path(plan.samples))
        self._ended = 0
        self._planned = 0
        self._candidates = list(self._people())

    def _people(self) -> Iterator[Candidate]:
        plan = self.plan
        context = ssl.create_default_context()
        context.set_alpn_protocols(["http/1.1"])
        for account, script in zip(plan.accounts, plan.scripts(), strict=True):
            if plan.until == "schedule":
                self._planned += sum(1 for _ in script.due())
            client = Client(plan.api_url, plan.contract, plan.habits.timeout_seconds, context)
            yield Candidate(plan, account, script, client, self._ledger, self._samples, self.told)

    async def run(self, begun: float) -> dict[str, object]:
        """Live all exams, which begin at that moment (seconds since the epoch); returns what the generator says of
        itself. Raises OSError where ledger or samples cannot be written: without them nothing may be sent."""
        watch = SelfWatch()
        telling = asyncio.create_task(self._tell())
        lives = [asyncio.create_task(candidate.live(begun)) for candidate in self._candidates]
        try:
            with Path(self.plan.fates).open("a", buffering=1, encoding="utf-8") as fates:  # noqa: ASYNC230 # one short line an exam
                for life in asyncio.as_completed(lives):
                    fates.write((await life).model_dump_json() + "\n")
                    self._ended += 1
        finally:
            telling.cancel()
            for life in lives:
                life.cancel()
            self._ledger.close()
            self._samples.close()
        return {**self._account(), **watch.figures()}

    @property
    def _arrived(self) -> int:
        return sum(candidate.arrived for candidate in self._candidates)

    def _account(self) -> dict[str, object]:
        return {
            "planned_candidates": len(self.plan.accounts),
            "started_candidates": self._arrived,
            "finished_candidates": self._ended,
            "planned_actions": self._planned,
            "delivered_actions": sum(candidate.writes for candidate in self._candidates),
        }

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(_TELL_SECONDS)
            writes = sum(candidate.writes for candidate in self._candidates)
            _say(working=self._arrived - self._ended, done=self._ended, writes=writes)


def _say(**event: object) -> None:
    print(json.dumps(event), flush=True)  # noqa: T201 # the answer to whoever started this process


class Orders:
    """What the starter of the load says after the plan."""

    def __init__(self, reader: asyncio.StreamReader, told: asyncio.Event) -> None:
        self._reader = reader
        self._told = told

    async def beginning(self) -> float | None:
        """The moment at which the exam begins, seconds since the epoch; None where nobody is there to tell it."""
        while line := await self._reader.readline():
            word, _, moment = line.decode().strip().partition(" ")
            if word == "begin":
                return float(moment)
        return None

    async def rest(self) -> None:
        """Hear `finish`; returns when the starter is gone or wants the end."""
        while line := await self._reader.readline():
            if line.strip() == b"finish":
                self._told.set()


async def _main() -> int:
    reader = asyncio.StreamReader(limit=2**26)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    line = await reader.readline()
    try:
        plan = Plan.model_validate_json(line)
        require_descriptors(len(plan.accounts))
        return await _attend(LoadRun(plan), reader)
    except Unmeasurable as reason:
        _say(failed=str(reason))
        return 4
    except OSError as problem:
        _say(failed=f"{problem.strerror or problem} ({problem.filename or 'while writing what happened'})")
        return 4


async def _attend(run: LoadRun, reader: asyncio.StreamReader) -> int:
    orders = Orders(reader, run.told)
    calm_collector()
    _say(ready=True)
    begun = await orders.beginning()
    if begun is None:
        return 3
    listening = asyncio.create_task(orders.rest())
    living = asyncio.create_task(run.run(begun))
    await asyncio.wait({listening, living}, return_when=asyncio.FIRST_COMPLETED)
    if not living.done():
        living.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await living
        return 3
    listening.cancel()
    _say(done=living.result())
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
