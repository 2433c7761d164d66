"""Figures with the words that say what they count, so that two figures that differ are explained."""

from pytest_examday.evidence.figures import DatabasePoolFigures
from pytest_examday.report.figure_words import milliseconds, number, percent, plural
from pytest_examday.report.view import not_measured
from pytest_examday.suites.exam.evidence import IntegrityEvidence, LoadEvidence, ObservabilityEvidence


def with_words(count: int | None, what: str) -> str | None:
    """A count and what it counts; None if there is no count."""
    return None if count is None else f"{count} {what}"


def whose_pool(pool: DatabasePoolFigures, *, busiest: bool = False) -> str:
    """What a share of used connections is a share of."""
    if pool.of_all_workers:
        return "the connections that all workers together may open"
    return "the busiest worker's pool" if busiest else "a worker's pool"


def peak_usage(pool: DatabasePoolFigures) -> str | None:
    """The use of the busiest worker's pool at its peak; None if it is unknown."""
    if pool.peak_usage is None:
        return None
    limit = number(pool.limit_per_worker)
    used = f", {number(pool.peak_in_use)} of its {limit} connections in use" if limit else ""
    return f"{percent(pool.peak_usage, 1)} of {whose_pool(pool, busiest=True)}{used} (during the load)"


def average_usage(pool: DatabasePoolFigures) -> str | None:
    """The average use of all pools; None if it is unknown."""
    average = percent(pool.average_usage, 1)
    return average and f"{average} of the pools of all workers together (read once a second during the load)"


def all_operations(load: LoadEvidence) -> str:
    """Every request of the load, by operation."""
    overall = load.overall
    each = ", ".join(f"{figures.operation} {figures.requests}" for figures in load.operations)
    p95 = milliseconds(overall.p95_ms) or "not measured"
    return f"{plural(overall.requests, 'request')} ({each}), {overall.errors} failed, p95 {p95}"


def requests_of(load: LoadEvidence, operation: str) -> str:
    """The requests of one operation, and why they are more than the planned writes."""
    figures = load.operation(operation)
    if figures is None or figures.requests == 0:
        return not_measured("no such request was counted")
    limited = f", {figures.limited} of them rate limited and counted neither way" if figures.limited else ""
    planned = (load.planned or {}).get(operation, 0)
    more = f" for {planned} planned writes: double clicks and repeated attempts are requests of their own"
    return f"{figures.requests}{more if figures.requests > planned > 0 else ''}{limited}"


def stored_rows(record: IntegrityEvidence) -> str:
    """Says what the summary statistics count that the ledger does not, and what only the ledger counts."""
    found = record.reconciliation
    return (
        f"Counted in the whole database: beside the {plural(found.subjects, 'session')} of the load and the drills "
        "those of single tries, and what was there before. An answer that was changed is stored once, and each of its "
        f"saves was acknowledged ({plural(found.acknowledged, 'save')} in all)."
    )


def logged_requests(record: ObservabilityEvidence) -> str:
    """The requests that the platform logged, and those that the figures of phase 6 leave out."""
    left_out = record.requests_disturbed
    drilled = "while a fault was in or not yet recovered from, which duration, queries and errors below leave out"
    senders = "whoever sent them: the load, the drills, and what the rehearsal itself tried and read"
    return f"{record.requests_logged}, {senders}" + (f"; {left_out} of them {drilled}" if left_out else "")


def logged_errors(record: ObservabilityEvidence) -> str:
    """The errors that the platform logged, refusals included."""
    return (
        f"{record.total_errors} (HTTP 400 and above, most of them refusals that the rehearsal expects or provokes; the "
        "error rate counts 5xx alone)"
    )
