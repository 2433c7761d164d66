"""The outcome of a drill in words."""

from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.evidence.figures import DrillStage
from pytest_examday.report.figure_words import listed, milliseconds, percent, plural, printable_line, seconds


def drill_sentence(drill: DrillEvidence) -> str:
    """The requests that failed while the fault was in, and the time of recovery."""
    during = drill.during.overall
    expected = ", as expected while nobody can be served" if drill.outage and during.errors else ""
    failed = f"{during.errors} of {plural(during.judged, 'request')} failed while the fault was in{expected}"
    stopped = "" if drill.stopped_because is None else f", stopped on harm ({printable_line(drill.stopped_because)})"
    return f"{printable_line(drill.scenario)}: {failed}{stopped}, {recovery_sentence(drill)}"


def recovery_sentence(drill: DrillEvidence) -> str:
    """The time until the slowest service answered again, or the services that did not."""
    gone = [recovery.name for recovery in drill.recoveries if recovery.seconds is None]
    if not drill.recoveries:
        return "recovery was not watched"
    if gone:
        return f"not recovered while watched: {listed(gone)}"
    took = drill.restart_seconds
    removal = "" if took is None else f" (it took {seconds(took)})"
    again = " again" if drill.during.overall.errors else ""
    return f"everything answered{again} {seconds(drill.recovery_seconds)} after the removal of the fault began{removal}"


def stage_sentences(drill: DrillEvidence) -> tuple[str, str, str]:
    """The requests of candidates before the fault, while it was in, and after the recovery."""
    during = _stage("while the fault was in or was being taken out", drill.during)
    if drill.outage and drill.during.overall.succeeded:
        during += "; those that succeeded were sent while services were going down or coming up"
    return _stage("before the fault", drill.before), during, _stage("after the recovery", drill.after)


def _stage(when: str, stage: DrillStage) -> str:
    """How many requests of one stage of a drill succeeded, with the p95 of all of them."""
    overall = stage.overall
    if overall.requests == 0:
        return f"{when}: nothing was sent"
    limited = f", {overall.limited} more were rate limited" if overall.limited else ""
    failed = f", {overall.errors} failed ({percent(overall.error_rate, 0) or 'no share'})" if overall.errors else ""
    ended = ", failed ones included," if overall.errors else ""
    p95 = milliseconds(overall.p95_ms)
    took = f"; p95 of these requests{ended} {p95}" if p95 else "; their p95 was not measured"
    return f"{when}: {overall.succeeded} of {plural(overall.judged, 'request')} succeeded{failed}{limited}{took}"
