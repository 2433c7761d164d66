"""Phase 6: what the platform's logs hold, whether they suffice for an audit, and whether they lack failures."""

from datetime import UTC, datetime

from pytest_examday.core.findings import Findings
from pytest_examday.core.limit_words import MILLISECONDS, PER_CENT, against, exact, share, shown
from pytest_examday.core.line import Judge, Line, WhenUnmeasured, Words
from pytest_examday.core.measured import Measured
from pytest_examday.observe.clock_offsets import CLOCK_SECONDS
from pytest_examday.observe.log_waiting import LONGEST_SECONDS, WRITTEN_SECONDS
from pytest_examday.suites.exam.evidence import LoadEvidence, ObservabilityEvidence
from pytest_examday.suites.exam.gates import DB_POOL, LOGS_SUFFICIENT, NO_SILENT_FAILURES
from pytest_examday.suites.exam.lines.busy_machine import judge_slow
from pytest_examday.suites.exam.lines.freeze import STAYS_REFUSED
from pytest_examday.suites.exam.lines.judge_probes import worked
from pytest_examday.suites.exam.lines.load.pool import judge_pool
from pytest_examday.suites.exam.log_comparison.other_ids import names_other_ids

_DURATION_SHARE = 0.02
"""The share of durations (0 to 1) that may contradict: a line that is written late has a longer duration."""
_LATE_SECONDS = 5.0
"""A delay of log lines above this is shown, because people who read the log on exam day have to know it."""
_VERY_SLOW_SHARE = 0.01
"""The number of very slow queries (more than 300 ms: source document 000, phase 6) that is accepted, as a share of the
logged requests."""
_NO_REQUEST = "the log holds no request of a time without a fault"
_NOT_LOGGED = {
    "request_id": "let each line hold the id of its request, as the header of the request gives it",
    "total_ms": "let each line hold the duration of its request",
}
"""Field of a request -> what has to be done so that a log format has it."""


def _line(
    key: str,
    words: Words,
    judge: Judge,
    gates: tuple[str, ...] = (),
    when_unmeasured: WhenUnmeasured = "blocks",
    *,
    reason_of_gate: bool = True,
) -> Line:
    return Line(key, words, 6, ("observability",), judge, gates, when_unmeasured, reason_of_gate)


def _seen(measured: Measured) -> ObservabilityEvidence:
    return measured.record("observability", ObservabilityEvidence)


def _not_logged(seen: ObservabilityEvidence, findings: Findings, *fields: str) -> bool:
    """Whether no log format has one of these fields; each of them makes a line INCONCLUSIVE."""
    lacking = [name for name in fields if name in seen.fields_not_logged]
    for name in lacking:
        findings.doubt(f"no log format has `{name}`: {_NOT_LOGGED[name]}, and set log_format.{name} to its place")
    return bool(lacking)


def _duration(measured: Measured, findings: Findings) -> None:
    if _not_logged(_seen(measured), findings, "total_ms"):
        return
    p95, limit = _seen(measured).p95_ms, measured.limits.p95_ms
    if p95 is None:
        findings.doubt("the log holds no request duration of a time without a fault")
        return
    message = f"p95 by the log {against(p95, limit, MILLISECONDS)}"
    loads = measured.records(("load",), LoadEvidence)
    for load in loads:
        judge_slow(load, p95 >= limit, message, findings)
    findings.fail_if(p95 >= limit and not loads, message)
    findings.add_fact(f"p95 by the log, without the time of faults, {against(p95, limit, MILLISECONDS)}")


def _queries(measured: Measured, findings: Findings) -> None:
    seen = _seen(measured)
    judged = seen.requests_logged - seen.requests_disturbed
    if judged <= 0:
        findings.doubt(_NO_REQUEST)
        return
    part = seen.very_slow_queries / judged
    message = (
        f"{seen.very_slow_queries} queries took longer than 300 ms, {shown(part, _VERY_SLOW_SHARE, PER_CENT)} of the "
        f"requests, accepted are {PER_CENT.limit(_VERY_SLOW_SHARE)}"
    )
    findings.fail_if(part > _VERY_SLOW_SHARE, message)
    findings.add_fact(message)


def _errors(measured: Measured, findings: Findings) -> None:
    seen, limit = _seen(measured), measured.limits.error_rate
    if seen.error_rate is None:
        findings.doubt(_NO_REQUEST)
        return
    message = f"{seen.server_errors} server errors logged ({against(seen.error_rate, limit, PER_CENT)})"
    findings.fail_if(seen.error_rate >= limit, message)
    findings.add_fact(message)


def _pool(measured: Measured, findings: Findings) -> None:
    judge_pool(_seen(measured).pool, measured.limits.pool_usage, findings)


def _reconnects(measured: Measured, findings: Findings) -> None:
    reconnects = _seen(measured).redis_reconnects
    if reconnects is None:
        findings.doubt("the platform does not report its Redis reconnects")
        return
    findings.add_fact(f"{reconnects} Redis reconnects")


def _traceable(measured: Measured, findings: Findings) -> None:
    seen = _seen(measured)
    findings.doubt_if(seen.requests_logged == 0, "the log holds no request")
    findings.doubt_if(seen.trace_sampled == 0, "there was no request to follow")
    if _not_logged(seen, findings, "request_id"):
        return
    findings.fail_if(seen.ids_shared is not None, f"request ids do not distinguish requests: {seen.ids_shared}")
    if seen.ids_shared is not None or _names_other_ids(seen, findings):
        return
    lost = seen.trace_sampled - seen.traced - seen.trace_before_log - seen.trace_after_log
    _begins_late(seen, seen.trace_before_log, f"{seen.trace_before_log} of {seen.trace_sampled} requests", findings)
    _ends_early(seen, seen.trace_after_log, f"{seen.trace_after_log} of {seen.trace_sampled} requests", findings)
    example = f", for instance {seen.trace_missing[0]}" if seen.trace_missing else ""
    findings.fail_if(lost > 0, f"{lost} of {seen.trace_sampled} requests are not in the log{example}")
    for drill, missing in seen.missing_in_drills.items():
        findings.fail_if(
            # If requests are missing without a drill too, the cause is the same and is reported once.
            lost == 0 and bool(missing),
            f"{drill}: {len(missing)} accepted requests of the time without the fault are not in the log, for instance "
            f"{next(iter(missing), None)}",
        )
    if seen.followed_in_drills:
        findings.add_fact(f"{seen.followed_in_drills} requests of drills looked for in the log")
    findings.add_fact(f"{seen.traced} of {seen.trace_sampled} requests followed from client to log by their id")
    if (seen.log_complete_after or 0.0) > _LATE_SECONDS:
        findings.add_fact(f"the log was complete {seen.log_complete_after:.0f} s after the last request")


def _names_other_ids(seen: ObservabilityEvidence, findings: Findings) -> bool:
    """Whether the log has lines of the load's requests, and none of the ids that were sent or that replies named. Then
    nobody knows which requests it lacks."""
    if not names_other_ids(seen.trace_sampled, seen.traced + seen.failures_logged, seen.ids_of_load):
        return False
    findings.doubt(
        f"the log names other request ids than those that were sent: for instance {seen.ids_in_log!r}; does a proxy "
        "make its own and not return them?"
    )
    return True


def _ends_early(seen: ObservabilityEvidence, later: int, what: str, findings: Findings) -> None:
    """Doubt a log that is not yet written to its end: it may still get the lines that it lacks."""
    if later and seen.log_ends is not None:
        at = f"{datetime.fromtimestamp(seen.log_ends, UTC):%H:%M:%S} UTC"
        findings.doubt(
            f"{what} ended after the last line of the log (at {at}) or up to {WRITTEN_SECONDS:g} s before it: "
            f"lines are written more than {LONGEST_SECONDS:g} s late, or nothing is logged any more"
        )


def _begins_late(seen: ObservabilityEvidence, older: int, what: str, findings: Findings) -> None:
    """Doubt a log that begins after requests that it lacks: it was rotated or cut, and nobody knows its earlier
    lines."""
    if older and seen.log_begins is not None:
        at = f"{datetime.fromtimestamp(seen.log_begins, UTC):%H:%M:%S} UTC"
        log = "the log" if seen.log_that_begins is None else seen.log_that_begins
        findings.doubt(
            f"{what} ended before {log} begins (at {at} with {seen.log_beginning!r}) or up to "
            f"{WRITTEN_SECONDS:g} s after it: it was rotated or cut, or the rehearsal reads only a part of it"
        )


def _agrees_with_clients(measured: Measured, findings: Findings) -> None:
    seen = _seen(measured)
    findings.doubt_if(seen.trace_sampled == 0, "there was no request to follow")
    if _not_logged(seen, findings, "request_id"):
        return
    if seen.ids_shared is not None:
        findings.doubt("request ids do not distinguish requests, so no line could be compared with its request")
        return
    if seen.contradictions is None or not seen.traced:
        findings.doubt_if(seen.trace_sampled > 0, "no log line could be compared with what its client saw")
        return
    _time(seen, findings)
    total = sum(seen.contradictions.values())
    kinds = ", ".join(f"{kind}: {count}" for kind, count in sorted(seen.contradictions.items()))
    first = f"; first: {seen.contradicting[0]}" if seen.contradicting else ""
    compared = seen.traced if seen.lines_compared is None else seen.lines_compared
    message = f"{total} of {compared} log lines do not say what their clients saw ({kinds}){first}"
    others = total - seen.contradictions.get("duration", 0)
    slips = seen.contradictions.get("duration", 0) <= _DURATION_SHARE * compared
    findings.fail_if(total > 0 and not (others == 0 and slips), message)
    findings.add_fact(f"{compared - total} of {compared} log lines say what their clients saw")


def _time(seen: ObservabilityEvidence, findings: Findings) -> None:
    """The times of a log whose clock differs from those of others are wrong. If all logs differ from this machine's
    clock alike, nobody knows which clock is wrong."""
    offsets = seen.clock_offsets
    wrong = {file: seconds for file, seconds in offsets.items() if abs(seconds) > CLOCK_SECONDS}
    if not wrong:
        return
    message = ", ".join(f"{file} {_off(seconds)}" for file, seconds in sorted(wrong.items()))
    differ = max(offsets.values()) - min(offsets.values()) > CLOCK_SECONDS
    limit = f"limit {CLOCK_SECONDS:g} s"
    findings.fail_if(differ, f"the times of these logs are wrong: {message}, {limit}")
    findings.doubt_if(not differ, f"this machine's clock or those of the platform are wrong: {message}, {limit}")


def _no_secrets(measured: Measured, findings: Findings) -> None:
    seen = _seen(measured)
    findings.doubt_if(seen.requests_logged == 0, "the log holds no request")
    if seen.secrets_logged:
        findings.fail(f"the log holds {', '.join(seen.secrets_logged)}")
    else:
        findings.add_fact("the log holds neither the password nor the tokens that a candidate sent")


def _off(seconds: float) -> str:
    return f"{abs(seconds):g} s {'ahead' if seconds > 0 else 'behind'}"


def _complete(measured: Measured, findings: Findings) -> None:
    seen = _seen(measured)
    findings.doubt_if(seen.requests_logged == 0, "the log holds no request")
    findings.fail_if(
        seen.incomplete_records > 0,
        f"{seen.incomplete_records} log records lack request id, route, status or duration",
    )
    _not_logged(seen, findings, "request_id", "total_ms")
    findings.add_fact(f"{seen.incomplete_records} of {seen.requests_logged} log records are incomplete")
    if seen.unreadable_lines:
        several = "1 line is" if seen.unreadable_lines == 1 else f"{seen.unreadable_lines} lines are"
        findings.add_fact(f"{several} not as the log format says, for instance {seen.unreadable_line!r}")


def _logged(measured: Measured, findings: Findings) -> None:
    """Every failure that a client saw is in the log with the same status."""
    seen = _seen(measured)
    findings.doubt_if(seen.client_failures == 0, "no failure was seen, not even the provoked ones")
    if _not_logged(seen, findings, "request_id"):
        return
    shared = "request ids do not distinguish requests, so nobody knows which failures are logged"
    findings.doubt_if(seen.ids_shared is not None, shared)
    if seen.ids_shared is not None or _names_other_ids(seen, findings):
        return
    silent = seen.client_failures - seen.failures_logged - seen.failures_before_log - seen.failures_after_log
    later = f"{seen.failures_after_log} of {seen.client_failures} failures"
    _ends_early(seen, seen.failures_after_log, later, findings)
    older = f"{seen.failures_before_log} of {seen.client_failures} failures"
    _begins_late(seen, seen.failures_before_log, older, findings)
    example = f": {seen.failures_silent[0]}" if seen.failures_silent else ""
    findings.fail_if(
        silent > 0, f"{silent} of {seen.client_failures} failures are not in the log as clients saw them{example}"
    )
    findings.add_fact(f"{seen.failures_logged} of {seen.client_failures} failures that clients saw are logged")
    if seen.gateway_failures:
        findings.add_fact(
            f"{seen.gateway_failures} more came from a proxy whose connections a drill had cut; they do not count"
        )


def _provoked(measured: Measured, findings: Findings) -> None:
    """Failures were provoked: without a failure, a log cannot prove that it records failures."""
    provoked = _seen(measured).provoked
    findings.doubt_if(not provoked, "no failure was provoked")
    for probe in provoked:
        findings.doubt_if(not probe.passed, f"could not provoke a failure ({probe.name}: {probe.detail})")
    findings.add_fact(f"{worked(provoked)} of {len(provoked)} failures provoked on purpose")


LINES: tuple[Line, ...] = (
    STAYS_REFUSED,
    _line(
        "request-duration",
        lambda limits: f"Request duration in the platform's own logs: p95 stays below {exact(limits.p95_ms)} ms",
        _duration,
    ),
    _line("database-query-duration", "Very slow database queries are rare", _queries),
    _line(
        "error-rates",
        lambda limits: (
            f"Error rate in the platform's own logs: fewer than {share(limits.error_rate)} of requests fail (5xx)"
        ),
        _errors,
    ),
    _line(
        "database-pool-usage",
        lambda limits: f"Database pool usage stays below {share(limits.pool_usage)}",
        _pool,
        (DB_POOL,),
        "ignored",
    ),
    _line("redis-reconnects", "Redis reconnects are counted", _reconnects),
    _line("request-id-traceability", "Every request can be followed by its id", _traceable, (LOGS_SUFFICIENT,)),
    _line(
        "log-lines-say-what-clients-saw",
        "Log lines say what clients saw: time, status, duration, one user for one person",
        _agrees_with_clients,
        (LOGS_SUFFICIENT,),
    ),
    _line(
        "log-lines-hold-no-secret",
        "Log lines hold neither passwords nor tokens",
        _no_secrets,
        (LOGS_SUFFICIENT,),
        reason_of_gate=False,
    ),
    _line(
        "log-records-are-complete",
        "Log records hold id, route, status, duration",
        _complete,
        (LOGS_SUFFICIENT,),
        reason_of_gate=False,
    ),
    _line("failures-are-logged", "Every failure that a client saw is in the log", _logged, (NO_SILENT_FAILURES,)),
    _line("failures-were-provoked", "Failures were provoked for the log to show", _provoked, (NO_SILENT_FAILURES,)),
)
