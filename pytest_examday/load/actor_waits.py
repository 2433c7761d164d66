"""Finds the actors who waited long for most of their requests, however few they are among all."""

from array import array
from collections import defaultdict
from heapq import nlargest

from pytest_examday.evidence.figures import ActorWait
from pytest_examday.load.samples import percentile

FEWEST = 10
"""The fewest requests of which a median is taken. If one in twenty requests is slow by chance, half of ten are slow for
one actor of 16 000."""
_REPORTED = 5


class ActorWaits:
    """The waits of each actor, four bytes for each request."""

    def __init__(self) -> None:
        self._waits: defaultdict[str, array[float]] = defaultdict(lambda: array("f"))

    def add(self, actor: str, ms: float) -> None:
        """Count one request of this actor."""
        self._waits[actor].append(ms)

    def longest(self) -> tuple[ActorWait, ...]:
        """The five actors with the longest median waits, the longest first, of those with ten requests or more."""
        medians = (
            ActorWait(actor=actor, requests=len(waits), p50_ms=round(percentile(sorted(waits), 0.5) or 0.0, 3))
            for actor, waits in self._waits.items()
            if len(waits) >= FEWEST
        )
        return tuple(nlargest(_REPORTED, medians, key=lambda wait: wait.p50_ms))
