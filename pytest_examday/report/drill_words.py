"""The outcome of a drill in words."""

from pytest_examday.evidence.drill_outcome import DrillEvidence
from pytest_examday.evidence.figures import Stage
from pytest_examday.report.figure_words import listed, milliseconds, one_line, percent, plural, seconds


def drill_sentence(drill: DrillEvidence) -> str:
    """The requests that failed while the fault was in, and the time of recovery."""
    during = drill.during.overall
    failed = f"{during.errors} of {plural(during.judged, 'request')} failed while the fault was in"
    stopped = "" if drill.stopped is None else f", stopped on harm ({one_line(drill.stopped)})"
    return f"{one_line(drill.scenario)}: {failed}{stopped}, {recovery_sentence(drill)}"


def recovery_sentence(drill: DrillEvidence) -> str:
    """The time until the slowest service answered again, or the services that did not."""
    gone = [recovery.name for recovery in drill.recoveries if recovery.seconds is None]
    if not drill.recoveries:
        return "recovery was not watched"
    if gone:
        return f"not recovered while watched: {listed(gone)}"
    return f"everything answered again {seconds(drill.recovery_seconds)} after the fault was taken out"


def stage_sentence(stage: Stage) -> str:
    """The requests of one stage of a drill: succeeded, failed and rate limited, with their p95."""
    overall = stage.overall
    if overall.requests == 0:
        return f"{stage.name}: nothing was sent"
    limited = f", {overall.limited} rate limited" if overall.limited else ""
    rate = percent(overall.error_rate, 0) or "no share"
    p95 = milliseconds(overall.p95_ms) or "not measured"
    return f"{stage.name}: {overall.succeeded} succeeded, {overall.errors} failed ({rate}){limited}, p95 {p95}"
