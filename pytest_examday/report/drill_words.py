"""A drill in sentences."""

from pytest_examday.evidence.drill_outcome import DrillEvidence
from pytest_examday.evidence.figures import Stage
from pytest_examday.report.figure_words import listed, milliseconds, one_line, percent, plural, seconds


def drill_sentence(drill: DrillEvidence) -> str:
    """A drill's outcome: what failed while the fault was in, and when everything answered again."""
    during = drill.during.overall
    failed = f"{during.errors} of {plural(during.judged, 'request')} failed meanwhile"
    stopped = "" if drill.stopped is None else f", stopped on harm ({one_line(drill.stopped)})"
    return f"{one_line(drill.scenario)}: {failed}{stopped}, {recovery_sentence(drill)}"


def recovery_sentence(drill: DrillEvidence) -> str:
    """How long until the slowest service answered again, or which one was never seen to."""
    gone = [recovery.name for recovery in drill.recoveries if recovery.seconds is None]
    if not drill.recoveries:
        return "recovery was not watched"
    if gone:
        return f"not recovered while watched: {listed(gone)}"
    return f"everything answered again {seconds(drill.recovery_seconds)} after the fault was taken out"


def stage_sentence(stage: Stage) -> str:
    """What actors met in one stage of a drill."""
    overall = stage.overall
    if overall.requests == 0:
        return f"{stage.name}: nothing was sent"
    limited = f", {overall.limited} rate limited" if overall.limited else ""
    rate = percent(overall.error_rate, 0) or "no share"
    p95 = milliseconds(overall.p95_ms) or "not measured"
    return f"{stage.name}: {overall.succeeded} succeeded, {overall.errors} failed ({rate}){limited}, p95 {p95}"
