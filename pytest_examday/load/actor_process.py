"""The program of one process of a load. Whoever starts the process steers it through its standard input.

The first line of the input is the plan. `begin EPOCH OFFSET` starts the load at that moment of the steady clock with
that offset, so that several processes start it together. `finish` tells the actors to finish. The end of the input ends
the load at once: the starter is gone, or wants no more. The process answers on standard output, one JSON object a line:
`ready`, every second its progress, and at last `done` with the figures of the generator, or `failed` with the reason.
"""

import asyncio
import contextlib
import json
import ssl
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.figures import ActorFate
from pytest_examday.load.garbage_collection import collect_garbage_rarely
from pytest_examday.load.ledger import LedgerWriter
from pytest_examday.load.load_plan import AnyPlan, LoadPlan
from pytest_examday.load.open_file_limit import require_open_files
from pytest_examday.load.samples import SampleWriter
from pytest_examday.load.self_watch import SelfWatch
from pytest_examday.monotonic_clock import agree

_TELL_SECONDS = 1.0


class Actor(Protocol):
    """One simulated user of the platform; a suite defines what it does.

    `arrived` says whether it has begun, `writes` how many writes it has begun.
    """

    arrived: bool
    writes: int

    async def take_part(self, begun: float) -> ActorFate:
        """Do everything that the actor does in a load that began at `begun` (seconds since the epoch)."""


@dataclass(frozen=True, slots=True)
class LoadContext:
    """What all actors of a process share. `stop` is set when they are to finish."""

    ledger: LedgerWriter
    samples: SampleWriter
    stop: asyncio.Event
    tls: ssl.SSLContext


class LoadRun:
    """All actors of one plan in one event loop."""

    def __init__(self, plan: LoadPlan, context: LoadContext, actors: Iterable[Actor]) -> None:
        self.plan = plan
        self.stop = context.stop
        self._ledger = context.ledger
        self._samples = context.samples
        self._ended = 0
        self._planned = plan.planned_writes() if plan.until == "schedule" else 0
        self._actors = list(actors)

    async def run(self, begun: float) -> dict[str, object]:
        """Run all actors in a load that begins at `begun` (seconds since the epoch); returns the fields of
        `evidence.figures.GeneratorFigures`.

        Raises OSError if ledger or samples cannot be written, because nothing may be sent without them.
        """
        watch = SelfWatch()
        telling = asyncio.create_task(self._tell())
        tasks = [asyncio.create_task(actor.take_part(begun)) for actor in self._actors]
        try:
            with Path(self.plan.fates).open("a", buffering=1, encoding="utf-8") as fates:  # noqa: ASYNC230 # one short line an actor
                for task in asyncio.as_completed(tasks):
                    fates.write((await task).to_json() + "\n")
                    self._ended += 1
        finally:
            telling.cancel()
            for task in tasks:
                task.cancel()
            self._ledger.close()
            self._samples.close()
        return {**self._account(), **watch.figures()}

    @property
    def _arrived(self) -> int:
        return sum(actor.arrived for actor in self._actors)

    def _account(self) -> dict[str, object]:
        return {
            "planned_actors": len(self.plan.accounts),
            "started_actors": self._arrived,
            "finished_actors": self._ended,
            "planned_actions": self._planned,
            "delivered_actions": sum(actor.writes for actor in self._actors),
        }

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(_TELL_SECONDS)
            writes = sum(actor.writes for actor in self._actors)
            _say(working=self._arrived - self._ended, done=self._ended, writes=writes)


def _say(**event: object) -> None:
    print(json.dumps(event), flush=True)  # noqa: T201 # the reply to whoever started this process


class Orders:
    """What the starter of the load sends after the plan."""

    def __init__(self, reader: asyncio.StreamReader, stop: asyncio.Event) -> None:
        self._reader = reader
        self._stop = stop

    async def beginning(self) -> float | None:
        """The moment at which the load begins, seconds since the epoch; None if the input ends before."""
        while line := await self._reader.readline():
            word, *numbers = line.decode().split() or [""]
            if word == "begin":
                moment, *clock = map(float, numbers)
                for offset in clock:
                    agree(offset)
                return moment
        return None

    async def rest(self) -> None:
        """Pass `finish` on to the actors; returns when the input ends."""
        while line := await self._reader.readline():
            if line.strip() == b"finish":
                self._stop.set()


async def _main(kind: type[AnyPlan], actors: Callable[[AnyPlan, LoadContext], Iterable[Actor]]) -> int:
    reader = asyncio.StreamReader(limit=sys.maxsize)  # the plan of any number of actors is one line
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    line = await reader.readline()
    try:
        plan = kind.model_validate_json(line)
        require_open_files(len(plan.accounts))
        context = _context(plan)
        return await _attend(LoadRun(plan, context, actors(plan, context)), reader)
    except Unmeasurable as reason:
        _say(failed=str(reason))
        return 4
    except OSError as problem:
        _say(failed=f"{problem.strerror or problem} ({problem.filename or 'while writing what happened'})")
        return 4


def _context(plan: LoadPlan) -> LoadContext:
    tls = ssl.create_default_context()
    tls.set_alpn_protocols(["http/1.1"])
    return LoadContext(LedgerWriter(Path(plan.ledger)), SampleWriter(Path(plan.samples)), asyncio.Event(), tls)


async def _attend(run: LoadRun, reader: asyncio.StreamReader) -> int:
    orders = Orders(reader, run.stop)
    collect_garbage_rarely()
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


def run_actors(kind: type[AnyPlan], actors: Callable[[AnyPlan, LoadContext], Iterable[Actor]]) -> int:
    """Run a load whose plan is of this kind, on uvloop if it is installed; returns the exit status of the program: 0
    after a whole load, 3 if the starter ended it, 4 if it failed.

    `actors` makes the actors of a plan, one for each of its accounts, in their order.
    """
    try:
        import uvloop
    except ImportError:
        return asyncio.run(_main(kind, actors))
    return uvloop.run(_main(kind, actors))
