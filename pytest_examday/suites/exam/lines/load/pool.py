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
    if lasting is not None:
        message = against(lasting, limit, WHOLE_PER_CENT)
        findings.fail_if(lasting >= limit, f"the pool was used in three readings in a row to {message}")
        findings.add_fact(f"a worker's pool was used in three readings in a row to {message}")
    if peak is not None:
        message = against(peak, limit, WHOLE_PER_CENT)
        short = (
            f"a worker's pool was used at its peak to {message}, and {pool.samples} readings do not show for how long"
        )
        findings.doubt_if(lasting is None and peak >= limit, short)
        findings.add_fact(f"at its peak to {message}")


def _pool(measured: Measured, findings: Findings) -> None:
    judge_pool(load_record(measured).pool, measured.limits.pool_usage, findings)


def _exhausted(measured: Measured, findings: Findings) -> None:
    pool = load_record(measured).pool
    if pool.exhausted is None:
        findings.doubt(f"pool usage was not measured ({pool.source})")
        return
    findings.fail_if(pool.exhausted, "a worker's pool was exhausted")
    findings.add_fact("a worker's pool was exhausted" if pool.exhausted else "no worker's pool was exhausted")


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
