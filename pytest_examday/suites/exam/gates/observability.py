"""Gates on the logs: enough for an audit, and silent about nothing."""

from pytest_examday.evidence.phases import ObservabilityEvidence
from pytest_examday.suites.exam.gates.bench import Bench, Case


def logs_sufficient(bench: Bench, case: Case) -> None:
    """Every sampled request is found under its id, with route, status and duration."""
    seen = bench.record("observability", ObservabilityEvidence)
    case.doubt_if(seen.requests_logged == 0, "the log holds no request")
    case.doubt_if(seen.trace_sampled == 0, "there was no request to follow")
    lost = seen.trace_sampled - seen.traced
    example = f", for instance {seen.trace_missing[0]}" if seen.trace_missing else ""
    case.fail_if(lost > 0, f"{lost} of {seen.trace_sampled} requests are not in the log{example}")
    case.fail_if(
        seen.incomplete_records > 0,
        f"{seen.incomplete_records} log records lack request id, route, status or duration",
    )
    case.ground(f"{seen.traced} of {seen.trace_sampled} requests followed from client to log by their id")


def no_silent_failures(bench: Bench, case: Case) -> None:
    """Every failure that a client was told of is in the log with the same status."""
    seen = bench.record("observability", ObservabilityEvidence)
    case.doubt_if(seen.client_failures == 0, "no failure was seen, not even the provoked ones")
    for probe in seen.provoked:
        case.doubt_if(not probe.passed, f"could not provoke a failure ({probe.name}: {probe.detail})")
    silent = seen.client_failures - seen.failures_logged
    example = f": {seen.failures_silent[0]}" if seen.failures_silent else ""
    case.fail_if(
        silent > 0, f"{silent} of {seen.client_failures} failures are not in the log as they were told{example}"
    )
    case.ground(
        f"all {seen.client_failures} failures that clients saw are logged, {len(seen.provoked)} provoked ones included"
    )
    if seen.gateway_failures:
        case.ground(f"{seen.gateway_failures} of a proxy, whose connections a drill had cut, are not the platform's")
