"""How many tries are needed to reach every worker, if each try reaches one of them by chance."""

from collections.abc import Collection
from math import ceil, log

MISS = 0.001
"""The accepted chance (0 to 1) that a worker is left out."""


def tries_for(workers: int, miss: float = MISS) -> int:
    """How many tries reach each of so many workers, but for the chance `miss` (0 to 1) that one of them is left out.

    All workers are taken to be reached with the same chance. The chance that one of them is left out is at most
    `workers` times the chance that all tries reach others (the union bound of the coupon collector's problem).
    """
    if workers <= 1:
        return 1
    return ceil(log(miss / workers) / log(1 - 1 / workers))


def tries_for_all(workers: Collection[str]) -> int:
    """The number of tries that reach each of these workers as surely as `tries_for` says; for fewer than two of them as
    many as two workers need, because there may be a worker that nobody knows."""
    return tries_for(max(2, len(workers)))
