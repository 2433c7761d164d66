"""Stop on harm: which harm ends a drill early, and which does not."""

from dataclasses import replace

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.drills.harm_monitor import HarmMonitor, StopRule
from pytest_examday.evidence.figures import RequestOutcome
from pytest_examday.load.samples import Sample

IN = 1000.0
STOP_RULE = StopRule(error_rate=0.5, harmed=1, wait_seconds=30, health_failures=3, outage=False)


def _request(outcome: RequestOutcome = "ok", candidate: str = "cyd", started: float = IN + 1) -> Sample:
    return Sample("answer", candidate, started, 10.0, 200, outcome, "ed-1")


def _requests(good: int, failed: int) -> list[Sample]:
    """Each of a candidate of its own, so that nobody waits long."""
    outcomes: list[RequestOutcome] = [*["ok"] * good, *["server_error"] * failed]  # type: ignore[list-item]
    return [_request(outcome, f"candidate-{number}") for number, outcome in enumerate(outcomes)]


def _harm(rule: StopRule, samples: list[Sample], now: float) -> str | None:
    monitor = HarmMonitor(rule, IN)
    monitor.count_requests(samples)
    return monitor.harm(now)


def test_a_platform_that_serves_is_left_in_its_drill() -> None:
    assert _harm(STOP_RULE, _requests(40, 0), IN + 2) is None


@pytest.mark.parametrize(("good", "failed", "stops"), [(10, 10, False), (9, 11, True), (0, 19, False), (0, 20, True)])
def test_more_errors_than_allowed_stop_a_drill_once_there_are_enough_requests(
    good: int, failed: int, stops: bool
) -> None:
    harm = _harm(STOP_RULE, _requests(good, failed), IN + 2)
    assert harm == (f"{failed} of {good + failed} requests failed, limit 50%" if stops else None)


def test_what_failed_before_the_fault_does_not_count() -> None:
    early = [sample._replace(started=IN - 5, actor="x") for sample in _requests(0, 30)]
    assert _harm(STOP_RULE, [*early, _request(candidate="x")], IN + 2) is None


def test_requests_that_a_rate_limit_refused_count_neither_way() -> None:
    limited = [_request("limited", f"limited-{number}") for number in range(60)]
    assert _harm(STOP_RULE, [*_requests(0, 20), *limited], IN + 2) is not None


def test_a_token_that_is_refused_and_renewed_is_no_reason_to_stop() -> None:
    """When all tokens expire at once, the first request of everybody is refused, and of a double click both."""
    expired = [_request("expired", f"candidate-{number // 2}") for number in range(60)]
    renewed = [_request("ok", f"candidate-{number}", IN + 2) for number in range(30)]
    assert _harm(STOP_RULE, [*expired, *renewed], IN + 3) is None


def test_a_candidate_who_gets_no_new_token_waits() -> None:
    assert _harm(STOP_RULE, [_request("expired")], IN + 20) is None
    assert _harm(STOP_RULE, [_request("expired")], IN + 40) is not None


def test_a_candidate_who_waits_too_long_stops_a_drill() -> None:
    waiting = [_request("timeout", started=IN + 1), _request("timeout", started=IN + 12)]
    assert _harm(STOP_RULE, waiting, IN + 30) is None
    assert _harm(STOP_RULE, waiting, IN + 32) == "kept waiting for too long: 1; cyd has waited for 31.0 s, limit 30 s"


def test_as_many_may_be_harmed_as_the_profile_allows() -> None:
    waiting = [_request("timeout", name) for name in ("ada", "bob")]
    assert _harm(replace(STOP_RULE, harmed=3), waiting, IN + 60) is None
    assert _harm(replace(STOP_RULE, harmed=2), waiting, IN + 60) is not None


def test_who_was_served_again_waits_no_longer() -> None:
    samples = [_request("timeout"), _request("ok", started=IN + 12), _request("timeout", started=IN + 40)]
    monitor = HarmMonitor(STOP_RULE, IN)
    for sample in samples:
        monitor.count_requests([sample])
    assert monitor.failing == {"cyd": IN + 40}


def test_a_health_probe_that_goes_on_failing_stops_a_drill() -> None:
    monitor = HarmMonitor(STOP_RULE, IN)
    for healthy in (False, False, True, False, False):
        monitor.count_health_check(healthy)
        assert monitor.harm(IN + 2) is None
    monitor.count_health_check(False)
    assert monitor.harm(IN + 2) == "the health endpoint failed 3 times in a row"


def test_in_an_outage_only_the_waits_of_people_count() -> None:
    monitor = HarmMonitor(replace(STOP_RULE, outage=True), IN)
    for _ in range(9):
        monitor.count_health_check(False)
    monitor.count_requests(_requests(0, 100))
    assert monitor.harm(IN + 2) is None
    assert monitor.harm(IN + 40) is not None


@pytest.mark.parametrize(("outage", "wait_seconds"), [(False, 30), (True, 90)])
def test_the_limits_are_those_of_profile_and_thresholds(outage: bool, wait_seconds: float) -> None:
    """An outage may last as long as it is meant to; only beyond that its candidates wait too long."""
    rule = StopRule.of(Environment(name="staging"), outage=outage, hold_seconds=60)
    assert rule == StopRule(0.5, 1, wait_seconds, health_failures=8, outage=outage)
