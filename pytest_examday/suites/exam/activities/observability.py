"""Phase 6: read the platform's own logs, and compare them with what clients saw."""

from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.evidence.figures import DatabasePoolFigures
from pytest_examday.monotonic_clock import now
from pytest_examday.observe.log_review import LogQuery, review_when_written
from pytest_examday.suites.exam.evidence import LoadEvidence, ObservabilityEvidence
from pytest_examday.suites.exam.exam_mode.exam_mode_afterwards import exam_mode_again
from pytest_examday.suites.exam.log_comparison.compare_with_log import (
    compare_drills,
    compare_failures,
    compare_traced,
)
from pytest_examday.suites.exam.log_comparison.provoked_failures import provoke_failures
from pytest_examday.suites.exam.log_comparison.requests_in_log import RequestsInLog
from pytest_examday.suites.exam.log_comparison.seen_by_clients import (
    disturbed_span,
    other_ids_of,
    seen_by_clients,
)
from pytest_examday.target.target import Target


def gather(target: Target) -> ObservabilityEvidence:
    """Read the logs and compare them with what candidates saw. Raises Unmeasurable if logs or samples cannot be
    read."""
    target.files.progress.say("observability: reading exam mode and trying protected operations again")
    again = exam_mode_again(target)
    target.files.progress.say("observability: following requests from client to log")
    began = now()
    provoked, secrets, last = provoke_failures(target)
    load = target.files.store.read("load", LoadEvidence).record
    drills = target.files.store.all_of(DrillEvidence)
    seen = seen_by_clients(target, load, drills)
    must_be_logged = seen.must_be_logged | {made.request_id for made in provoked if made.request_id is not None}
    if last is not None:
        must_be_logged |= {last.request_id or ""}
    query = LogQuery(
        seen.traced_ids,
        must_be_logged,
        secrets,
        [disturbed_span(drill) for drill in drills],
        seen.of_load,
        None if last is None else last.request_id,
        seen.other_ids | other_ids_of((*provoked, *((last,) if last else ()))),
    )
    reviewed = review_when_written(target.environment, target.runtime, seen.logs_from, query)
    found = reviewed.found
    beginning = reviewed.beginning
    logged = RequestsInLog.of(
        found, None if beginning is None else beginning.at, None if reviewed.written else reviewed.ends
    )
    parts = reviewed.figures | compare_traced(target, seen.traced, logged)
    parts |= compare_failures(seen.failures, provoked, began, logged) | compare_drills(seen.outside_fault, logged)
    parts |= {"log_ends": reviewed.ends, "log_complete_after": reviewed.waited if reviewed.complete else None}
    parts["fields_not_logged"] = reviewed.fields_not_logged
    parts |= {"ids_shared": reviewed.ids.shared, "ids_in_log": reviewed.ids.example, "ids_of_load": reviewed.ids.lines}
    if beginning is not None:
        cut = parts["trace_before_log"] or parts["failures_before_log"]
        several = len(reviewed.figures["log_files"]) > 1  # type: ignore[arg-type] # a tuple of names
        parts |= {
            "log_begins": beginning.at,
            "log_beginning": beginning.line if cut else None,
            "log_that_begins": beginning.file if several else None,
        }
    parts |= {
        "secrets_logged": tuple(f"{what} in {file}" for what, file in reviewed.secrets.items()),
        "pool": load.pool if load else DatabasePoolFigures(samples=0, source="not watched: no load was run"),
        "redis_reconnects": load.redis_reconnects if load else None,
    }
    parts |= {"provoked": provoked, "gateway_failures": seen.gateway_errors, "exam_mode": again}
    return ObservabilityEvidence.model_validate(parts)
