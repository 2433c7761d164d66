"""All lines of phase 2, in the order of the report."""

from pytest_examday.core.line import Line
from pytest_examday.suites.exam.lines.load import (
    delivery,
    double_submits,
    error_rate_of_parts,
    error_rate_of_windows,
    errors,
    latency,
    memory,
    open_files,
    pool,
    rate_limit_refusals,
    readiness,
    redis,
    submissions,
    waits,
)

LINES: tuple[Line, ...] = (
    *delivery.LINES,
    *latency.LINES,
    *waits.LINES,
    *errors.LINES,
    *submissions.LINES,
    *pool.LINES,
    *readiness.LINES,
    *memory.LINES,
    *open_files.LINES,
    *redis.LINES,
    *double_submits.LINES,
    *error_rate_of_parts.LINES,
    *error_rate_of_windows.LINES,
    *rate_limit_refusals.LINES,
)
