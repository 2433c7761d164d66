"""Phase 2: the pool of database connections under load."""

from pytest_examday.core.findings import Findings
from pytest_examday.core.limit_words import (
    WHOLE_PER_CENT,
    against,
    share,
)
from pytest_examday.core.line import Line
from pytest_examday.core.measured import Measured
from pytest_examday.evidence.figures import (
    DatabasePoolFigures,
)
from pytest_examday.suites.exam.gates import (
    DB_POOL,
)
from pytest_examday.suites.exam.lines.load.record import load_record


def judge_pool(pool: DatabasePoolFigures, limit: float, findings: Findings) -> None:
    """Judge that the pool of the busiest worker does not stay at the limit (a share of 0 to 1) or above it.

    A single reading above it comes from a short burst and does not mean that connections are lacking.
    """
    peak, lasting = pool.peak_usage, pool.sustained_usage
    if peak is None and lasting is None:
        findings.doubt(f"pool usage was not measured ({pool.source})")
        return
    used = _used(pool)
    if lasting is not None:
        message = against(lasting, limit, WHOLE_PER_CENT)
        findings.fail_if(lasting >= limit, f"{used} in three readings in a row to {message}")
        findings.add_fact(f"{used} in three readings in a row to {message}")
    if peak is not None:
        message = against(peak, limit, WHOLE_PER_CENT)
        short = f"{used} at its peak to {message}, and {pool.samples} readings do not show for how long"
        findings.doubt_if(lasting is None and peak >= limit, short)
        findings.add_fact(f"at its peak to {message}")


def _used(pool: DatabasePoolFigures) -> str:
    """What was used: the beginning of a sentence."""
    return "the limit of all workers' connections was used" if pool.of_all_workers else "a worker's pool was used"


def _pool(measured: Measured, findings: Findings) -> None:
    judge_pool(load_record(measured).pool, measured.limits.pool_usage, findings)


def _exhausted(measured: Measured, findings: Findings) -> None:
    pool = load_record(measured).pool
    if pool.exhausted is None:
        findings.doubt(f"pool usage was not measured ({pool.source})")
        return
    if pool.of_all_workers:
        exhausted, other = "all connections of connection_limit were in use", "connections were left at every reading"
    else:
        exhausted, other = "a worker's pool was exhausted", "no worker's pool was exhausted"
    findings.fail_if(pool.exhausted, exhausted)
    findings.add_fact(exhausted if pool.exhausted else other)


LINES: tuple[Line, ...] = (
    Line(
        "database-connection-pool",
        lambda limits: (
            f"Database connection pool: usage stays below {share(limits.pool_usage)}, short peaks left aside"
        ),
        2,
        ("load",),
        _pool,
        (DB_POOL,),
    ),
    Line(
        "pool-was-not-exhausted",
        "Database connection pool: no pool is exhausted",
        2,
        ("load",),
        _exhausted,
        (DB_POOL,),
        "ignored",
        reason_of_gate=False,
    ),
)
