"""Gates on the logs."""

from typing import Any

import pytest

from tests import builders


def test_logs_fail_where_a_request_cannot_be_found_by_its_id() -> None:
    seen = builders.observability(traced=198, trace_missing=("ed-7", "ed-8"))
    result = builders.gate("logs-sufficient", observability=seen)
    assert (result.outcome, result.reason) == (
        "fail",
        "2 of 200 requests are not in the log, for instance ed-7",
    )


def test_logs_fail_on_records_that_an_audit_cannot_use() -> None:
    result = builders.gate("logs-sufficient", observability=builders.observability(incomplete_records=4))
    assert (result.outcome, result.reason) == (
        "fail",
        "4 log records lack request id, route, status or duration",
    )


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ({"requests_logged": 0}, "the log holds no request"),
        ({"trace_sampled": 0, "traced": 0}, "there was no request to follow"),
    ],
)
def test_logs_are_inconclusive_where_there_was_nothing_to_follow(found: dict[str, Any], reason: str) -> None:
    result = builders.gate("logs-sufficient", observability=builders.observability(**found))
    assert (result.outcome, result.reason) == ("inconclusive", reason)


def test_a_failure_that_the_log_does_not_show_is_silent() -> None:
    seen = builders.observability(client_failures=5, failures_logged=4, failures_silent=("ed-9 (HTTP 500)",))
    result = builders.gate("no-silent-failures", observability=seen)
    assert result.outcome == "fail"
    assert result.reason == "1 of 5 failures are not in the log as clients saw them: ed-9 (HTTP 500)"


def test_silence_proves_nothing_where_no_failure_was_seen() -> None:
    seen = builders.observability(client_failures=0, failures_logged=0)
    result = builders.gate("no-silent-failures", observability=seen)
    assert (result.outcome, result.reason) == (
        "inconclusive",
        "no failure was seen, not even the provoked ones",
    )


def test_a_failure_that_could_not_be_provoked_leaves_the_gate_open() -> None:
    seen = builders.observability(provoked=(builders.probe("no token", False, "HTTP 200"),))
    result = builders.gate("no-silent-failures", observability=seen)
    assert (result.outcome, result.reason) == (
        "inconclusive",
        "could not provoke a failure (no token: HTTP 200)",
    )


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("request-duration", "total_ms"),
        ("request-id-traceability", "request_id"),
        ("log-lines-say-what-clients-saw", "request_id"),
        ("log-records-are-complete", "request_id"),
        ("log-records-are-complete", "total_ms"),
        ("failures-are-logged", "request_id"),
    ],
)
def test_a_line_without_its_field_in_a_log_format_says_what_to_configure(key: str, field: str) -> None:
    seen = builders.observability(fields_not_logged=(field,), traced=0, failures_logged=0, p95_ms=None)
    judged = builders.line(key, observability=seen)
    assert judged.outcome == "inconclusive"
    assert f"no log format has `{field}`: let each line hold the " in judged.reason
    assert f"and set log_format.{field} to its place" in judged.reason


def test_lines_that_are_not_as_the_log_format_says_are_told_with_a_sample() -> None:
    seen = builders.observability(unreadable_lines=12, unreadable_line="Traceback (most recent call last):")
    judged = builders.line("log-records-are-complete", observability=seen)
    assert judged.outcome == "pass"
    told = "12 lines are not as the log format says, for instance 'Traceback (most recent call last):'"
    assert told in judged.facts


def test_lines_of_several_logs_are_counted_by_lines_and_not_by_requests() -> None:
    seen = builders.observability(traced=200, lines_compared=400, contradictions={"status": 1}, contradicting=("x",))
    judged = builders.line("log-lines-say-what-clients-saw", observability=seen)
    assert judged.reason.startswith("1 of 400 log lines do not say what their clients saw")
