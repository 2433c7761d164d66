"""One process of a load: the body of a program of its own, told by its standard input.

The first line is its plan; `begin EPOCH` starts the load at that moment, so that several processes start it
together; `finish` tells actors to come to their end; the end of the input means that whoever started the load is gone
or wants it to end, and ends it at once. It answers on standard output, one JSON object a line: `ready`, every second
how far it is, and at last `done` with what the generator says of itself, or `failed` with the reason.
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
from pytest_examday.load.descriptors import require_descriptors
from pytest_examday.load.garbage import calm_collector
from pytest_examday.load.ledger import LedgerWriter
from pytest_examday.load.load_plan import AnyPlan, LoadPlan
from pytest_examday.load.samples import SampleWriter
from pytest_examday.load.self_watch import SelfWatch

_TELL_SECONDS = 1.0


class Actor(Protocol):
    """Somebody who uses the platform; a suite says how."""

    arrived: bool
    writes: int

    async def live(self, begun: float) -> ActorFate:
        """All that the actor does in a load that began at that moment (seconds since the epoch), and how it ended."""


@dataclass(frozen=True, slots=True)
class LoadContext:
    """What all actors of a process share; `told` is set once they are to come to their end."""

    ledger: LedgerWriter
    samples: SampleWriter
    told: asyncio.Event
    tls: ssl.SSLContext


class LoadRun:
    """All actors of one plan in one event loop."""

    def __init__(self, plan: LoadPlan, context: LoadContext, actors: Iterable[Actor]) -> None:
        self.plan = plan
        self.told = context.told
        self._ledger = context.ledger
        self._samples = context.samples
        self._ended = 0
        self._planned = plan.planned_writes() if plan.until == "schedule" else 0
        self._actors = list(actors)

    async def run(self, begun: float) -> dict[str, object]:
        """Have all actors live in a load that begins at that moment (seconds since the epoch); returns what the
        generator says of itself.

        Raises OSError where ledger or samples cannot be written: without them nothing may be sent.
        """
        watch = SelfWatch()
        telling = asyncio.create_task(self._tell())
        lives = [asyncio.create_task(actor.live(begun)) for actor in self._actors]
        try:
            with Path(self.plan.fates).open("a", buffering=1, encoding="utf-8") as fates:  # noqa: ASYNC230 # one short line an actor
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
    print(json.dumps(event), flush=True)  # noqa: T201 # the answer to whoever started this process


class Orders:
    """What the starter of the load says after the plan."""

    def __init__(self, reader: asyncio.StreamReader, told: asyncio.Event) -> None:
        self._reader = reader
        self._told = told

    async def beginning(self) -> float | None:
        """The moment at which the load begins, seconds since the epoch; None where nobody is there to tell it."""
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


async def _main(kind: type[AnyPlan], actors: Callable[[AnyPlan, LoadContext], Iterable[Actor]]) -> int:
    reader = asyncio.StreamReader(limit=2**26)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    line = await reader.readline()
    try:
        plan = kind.model_validate_json(line)
        require_descriptors(len(plan.accounts))
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


def run_actors(kind: type[AnyPlan], actors: Callable[[AnyPlan, LoadContext], Iterable[Actor]]) -> int:
    """Run the load whose plan is of that kind, on uvloop where it is installed; returns the exit status of the program.

    `actors` makes the actors of a plan, which are its accounts in their order.
    """
    try:
        import uvloop
    except ImportError:
        return asyncio.run(_main(kind, actors))
    return uvloop.run(_main(kind, actors))
