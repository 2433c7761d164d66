"""Looks in the log for the requests that clients sent."""

from collections import Counter
from collections.abc import Iterable

from pytest_examday.evidence.probe import Probe
from pytest_examday.load.samples import Sample
from pytest_examday.observe.clock_offsets import clock_offsets
from pytest_examday.observe.log_contradictions import contradictions
from pytest_examday.observe.log_line import LogLine
from pytest_examday.suites.exam.log_comparison.requests_in_log import RequestsInLog
from pytest_examday.target.target import Target

CALLED = ("login", "refresh", "create", "read", "answer", "clear", "submit", "review")
"""The operations that candidates of a load call."""
_NAMED = 20


def compare_drills(undisturbed: dict[str, list[Sample]], logged: RequestsInLog) -> dict[str, object]:
    """Drill -> its requests that the log does not have although it covers their time."""
    lost = {
        name: [sample.request_id for sample in chosen if logged.lacks(sample.request_id, sample.ended)]
        for name, chosen in undisturbed.items()
    }
    return {
        "followed_in_drills": sum(map(len, undisturbed.values())),
        "missing_in_drills": {name: tuple(ids) for name, ids in lost.items() if ids},
    }


def compare_traced(target: Target, chosen: list[Sample], logged: RequestsInLog) -> dict[str, object]:
    """Look for each of these requests in the log by its id.

    They are requests of the load alone: in a drill, a killed worker may not have had the time to log a request.
    """
    by_id = {name: tuple(lines.values()) for name, lines in logged.found.lines.items()}
    found = [sample for sample in chosen if sample.request_id in by_id]
    missing = [sample.request_id for sample in chosen if logged.lacks(sample.request_id, sample.ended)]
    outside = Counter(logged.outside(sample.request_id, sample.ended) for sample in chosen)
    example = _example(found[-1], by_id[found[-1].request_id][0]) if found else {}
    compared = [(sample, line) for sample in found for line in by_id[sample.request_id]]
    contradicted = contradictions(compared, _paths(target))
    return {
        "contradictions": dict(Counter(contradiction.kind for contradiction in contradicted)),
        "clock_offsets": clock_offsets(compared),
        "contradicting": tuple(contradiction.words for contradiction in contradicted[:_NAMED]),
        "trace_sampled": len(chosen),
        "traced": len(found),
        "lines_compared": len(compared),
        "trace_missing": tuple(missing[:_NAMED]),
        "trace_before_log": outside["before"],
        "trace_after_log": outside["after"],
        "trace_example": example,
    }


def _paths(target: Target) -> dict[str, str]:
    """The path of each operation that candidates call."""
    contract = target.environment.platform.contract
    named = {name: getattr(contract, name, None) for name in CALLED}
    return {name: operation.path for name, operation in named.items() if operation is not None}


def _example(sample: Sample, line: LogLine) -> dict[str, str | None]:
    form = line.form
    fields = {"route": form.route, "status": form.status, "total_ms": form.total_ms, "db_ms": form.db_ms}
    logged = {name: _text(line.get(place)) for name, place in fields.items()}
    return {
        "request_id": sample.request_id,
        "candidate": sample.actor,
        "operation": sample.operation,
        "client_ms": f"{sample.ms:.1f}",
        "file": line.file,
        **logged,
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def compare_failures(
    failures: list[tuple[str, int, float]], provoked: Iterable[Probe], provoked_at: float, logged: RequestsInLog
) -> dict[str, object]:
    """Look for each failure that a client saw in the log: it has to be there with the same status."""
    of_probes = (
        (made.request_id or "", made.status, provoked_at)
        for made in provoked
        if made.passed and made.status is not None
    )
    seen = [*failures, *of_probes]
    other = [(name, status, ended) for name, status, ended in seen if not logged.found.has(name, status)]
    sides = {name: logged.outside(name, ended) for name, _, ended in other}
    silent = [f"{name} (HTTP {status})" for name, status, _ in other if sides[name] is None]
    outside = Counter(sides[name] for name, _, _ in other)
    return {
        "client_failures": len(seen),
        "failures_logged": len(seen) - len(other),
        "failures_before_log": outside["before"],
        "failures_after_log": outside["after"],
        "failures_silent": tuple(silent[:_NAMED]),
    }
