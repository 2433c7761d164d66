"""The loop that the small Python generators share: each connection sends its next request after the last answer."""

import asyncio
import json
import random
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

Send = Callable[[], Awaitable[bool]]


@dataclass(frozen=True)
class Told:
    """What a generator of this package is told on its command line: `think` is the pause (from, to) between two
    requests of a connection in seconds; `rate` are the requests a second of all connections together, 0 for as many as
    they can. Files go to `folder`."""

    url: str
    connections: int
    seconds: float
    think: tuple[float, float]
    rate: float
    folder: Path

    @classmethod
    def by_command_line(cls) -> "Told":
        """The arguments of this process."""
        url, connections, seconds, low, high, rate, folder = sys.argv[1:]
        return cls(url, int(connections), float(seconds), (float(low), float(high)), float(rate), Path(folder))


@dataclass
class Loop:
    """Connections that send requests for a number of seconds. With a rate, each has moments at which its requests are
    due, and a wait begins there."""

    told: Told
    waits: list[float] = field(default_factory=list)
    errors: int = 0

    async def run(self, senders: list[Send]) -> None:
        """Work until the time is over, then print the figures."""
        begun = time.perf_counter()
        await asyncio.gather(*(self._work(number, send, begun) for number, send in enumerate(senders)))
        waits = sorted(self.waits)
        p95 = waits[int(len(waits) * 0.95)] if waits else None
        print(json.dumps({"requests": len(waits), "errors": self.errors, "p95_ms": p95}))

    async def _work(self, number: int, send: Send, begun: float) -> None:
        told, end = self.told, begun + self.told.seconds
        step = told.connections / told.rate if told.rate else 0.0
        due = begun + (random.uniform(0, told.think[1]) if told.think[1] else number * step / told.connections)
        while max(due, time.perf_counter()) < end:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            before = due if told.rate else time.perf_counter()
            self.errors += not await send()
            after = time.perf_counter()
            if after < end:  # what ends after the time is nobody's request
                self.waits.append((after - before) * 1000)
            due = due + step if told.rate else after + random.uniform(*told.think)
