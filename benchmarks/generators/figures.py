"""The loop that the Python generators share: each connection sends its next request after the last answer."""

import asyncio
import json
import random
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

Send = Callable[[], Awaitable[bool]]


@dataclass
class Loop:
    """A number of connections that send requests for a number of seconds, with think time between two requests."""

    url: str
    connections: int
    seconds: float
    think: tuple[float, float]
    waits: list[float] = field(default_factory=list)
    errors: int = 0

    @classmethod
    def told(cls) -> "Loop":
        """The loop that the command line describes."""
        url, connections, seconds, low, high = sys.argv[1:]
        return cls(url, int(connections), float(seconds), (float(low), float(high)))

    async def run(self, senders: list[Send]) -> None:
        """Work until the time is over, then print the figures."""
        begun = time.perf_counter()
        await asyncio.gather(*(self._work(send, begun + self.seconds) for send in senders))
        waits = sorted(self.waits)
        figures = {
            "requests": len(waits),
            "errors": self.errors,
            "per_second": len(waits) / self.seconds,
            "p95_ms": waits[int(len(waits) * 0.95)],
        }
        print(json.dumps(figures))

    async def _work(self, send: Send, end: float) -> None:
        if self.think[1]:
            await asyncio.sleep(random.uniform(0, self.think[1]))
        while (before := time.perf_counter()) < end:
            self.errors += not await send()
            after = time.perf_counter()
            if after < end:  # what ends after the time is nobody's request
                self.waits.append((after - before) * 1000)
            if self.think[1]:
                await asyncio.sleep(min(random.uniform(*self.think), max(0.0, end - after)))
