"""How a check says what it found. Not `assert`: that vanishes under `python -O`."""

import pytest

from pytest_examday.evidence.figures import PoolFigures


def expect(true: bool, found: str) -> None:
    """Fail the test with what was found, in one line, unless it is true."""
    __tracebackhide__ = True
    if not true:
        pytest.fail(found, pytrace=False)


def expect_pool_below(pool: PoolFigures, limit: float) -> None:
    """Fail the test where the fullest worker's pool reached the limit (a share), or nobody told how full it was."""
    __tracebackhide__ = True
    if pool.peak_usage is None:
        pytest.fail(f"INCONCLUSIVE: pool usage was not measured ({pool.source})", pytrace=False)
    expect(pool.peak_usage < limit, f"the pool was {pool.peak_usage:.0%} used at its peak, limit {limit:.0%}")
