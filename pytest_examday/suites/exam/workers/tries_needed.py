"""How many tries are needed to reach every worker, if each try reaches one of them by chance."""

from collections.abc import Collection
from math import ceil, log

MISS = 0.001
"""The accepted chance (0 to 1) that a worker is left out."""
PATIENCE = 3
"""A search for workers that are known to exist makes so many times as many tries as chance demands."""
_FEWEST_WORKERS = 2


def tries_for(workers: int, miss: float = MISS) -> int:
    """How many tries reach each of so many workers, but for the chance `miss` (0 to 1) that one of them is left out.

    All workers are taken to be reached with the same chance. The chance that one of them is left out is at most
    `workers` times the chance that all tries reach others (the union bound of the coupon collector's problem).
    """
    if workers <= 1:
        return 1
    return ceil(log(miss / workers) / log(1 - 1 / workers))


def workers_to_reckon_with(known: Collection[str]) -> int:
    """How many workers there may be if these are known: two at least, because there may be one that nobody knows."""
    return max(_FEWEST_WORKERS, len(known))


def tries_for_all(known: Collection[str]) -> int:
    """How many tries reach every worker to reckon with if these are known, as surely as `tries_for` says."""
    return tries_for(workers_to_reckon_with(known))
