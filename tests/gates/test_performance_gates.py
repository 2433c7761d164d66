"""Gates on what candidates felt under load."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_examday.config.environment import Thresholds
from pytest_examday.evidence.figures import OperationFigures, Window
from pytest_examday.gates.bench import Judgement
from pytest_examday.load.samples import by_operation, windows
from tests import builders

FAST, SLOW = 20.0, 800.0


def _p95(*values: float | None, steady: tuple[OperationFigures, ...] = (builders.figures("answer"),)) -> Judgement:
    return builders.judge("p95-latency", load=builders.load(windows=builders.windows(*values), steady=steady))


def test_one_slow_window_is_not_consistently_slow() -> None:
    assert _p95(SLOW, *[FAST] * 7).outcome == "pass"
    assert _p95(SLOW, FAST, FAST).outcome == "pass"


def test_two_slow_windows_of_eight_are_consistently_slow() -> None:
    judgement = _p95(SLOW, SLOW, *[FAST] * 6)
    assert (judgement.outcome, judgement.reason) == ("fail", "p95 was above 500 ms in 2 of 8 windows, at worst 800 ms")


def test_two_slow_windows_of_nine_are_below_the_configured_share() -> None:
    assert _p95(SLOW, SLOW, *[FAST] * 7).outcome == "pass"


def test_the_share_of_slow_windows_is_configurable() -> None:
    load = builders.load(windows=builders.windows(SLOW, SLOW, *[FAST] * 7))
    assert builders.judge("p95-latency", Thresholds(slow_window_share=0.2), load=load).outcome == "fail"


@given(slow=st.integers(0, 12), fast=st.integers(0, 12))
def test_slow_windows_are_consistent_from_two_on_and_a_quarter_of_all(slow: int, fast: int) -> None:
    outcome = _p95(*[SLOW] * slow, *[FAST] * fast).outcome
    consistent = slow >= 2 and slow >= 0.25 * (slow + fast)
    assert outcome == ("fail" if consistent else "pass" if slow + fast >= 3 else "inconclusive")


@pytest.mark.parametrize(("p95_ms", "outcome"), [(500.0, "pass"), (500.1, "fail")])
def test_the_limit_is_crossed_by_more_than_the_limit(p95_ms: float, outcome: str) -> None:
    assert _p95(p95_ms, p95_ms, p95_ms).outcome == outcome


def test_windows_of_the_ramp_are_not_judged() -> None:
    ramp = tuple(builders.window(number, SLOW, ramp=True) for number in range(5))
    load = builders.load(windows=(*ramp, *builders.windows(FAST, FAST, FAST)))
    assert builders.judge("p95-latency", load=load).outcome == "pass"


def test_fewer_than_three_windows_with_enough_requests_are_inconclusive() -> None:
    few = tuple(builders.window(number, FAST, requests=19) for number in range(6))
    load = builders.load(windows=(*few, *builders.windows(FAST, FAST)))
    judgement = builders.judge("p95-latency", load=load)
    assert judgement.outcome == "inconclusive"
    assert judgement.reason == "only 2 windows of at least 20 requests after the ramp, 3 are needed"


def test_one_slow_operation_fails_although_all_windows_are_fast() -> None:
    judgement = _p95(FAST, FAST, FAST, steady=(builders.figures("answer"), builders.figures("submit", 20, SLOW)))
    assert (judgement.outcome, judgement.reason) == ("fail", "p95 of submit is 800 ms, limit 500 ms")


def test_an_operation_called_too_rarely_has_no_percentile() -> None:
    assert _p95(FAST, FAST, FAST, steady=(builders.figures("submit", 19, SLOW),)).outcome == "pass"


def test_every_twentieth_request_late_is_red() -> None:
    samples = [builders.sample(at=n * 0.05, ms=900.0 if n % 20 == 7 else 5.0) for n in range(400)]
    slices = windows(samples, 2.0, 3.0)
    judgement = builders.judge("p95-latency", load=builders.load(windows=slices, steady=by_operation(samples)))
    assert judgement.outcome == "fail"
    assert "p95 of answer is 900 ms" in judgement.reason


def test_every_twenty_first_request_late_is_not() -> None:
    samples = [builders.sample(at=n * 0.05, ms=900.0 if n % 21 == 7 else 5.0) for n in range(420)]
    load = builders.load(windows=windows(samples, 4.2, 0.0), steady=by_operation(samples))
    assert builders.judge("p95-latency", load=load).outcome == "pass"


def test_a_candidate_who_waited_too_long_fails_whatever_the_percentile() -> None:
    judgement = builders.judge("p95-latency", load=builders.load(harmed=(builders.harm(),)))
    assert (judgement.outcome, judgement.reason) == (
        "fail",
        "candidates who waited too long: 1; first: waited 12.0 s on submit",
    )


def test_another_harm_is_not_a_matter_of_latency() -> None:
    assert (
        builders.judge("p95-latency", load=builders.load(harmed=(builders.harm(kind="no-submit"),))).outcome == "pass"
    )


@pytest.mark.parametrize(("errors", "outcome"), [(0, "pass"), (1, "pass"), (4, "pass"), (5, "fail"), (8, "fail")])
def test_the_error_rate_fails_above_one_percent(errors: int, outcome: str) -> None:
    assert builders.judge("error-rate", load=builders.load(overall=builders.failing(400, errors))).outcome == outcome


def test_the_error_rate_says_how_requests_failed() -> None:
    overall = builders.figures(
        "all", 400, succeeded=392, errors=8, by_outcome={"ok": 392, "timeout": 3, "server_error": 5}
    )
    judgement = builders.judge("error-rate", load=builders.load(overall=overall))
    assert judgement.reason == "2.00% of 400 requests failed, limit 1% (5 server_error, 3 timeout)"


def test_refusals_by_a_rate_limit_count_neither_way() -> None:
    overall = builders.figures(
        "all", 1000, succeeded=190, errors=10, limited=800, by_outcome={"ok": 190, "limited": 800, "timeout": 10}
    )
    judgement = builders.judge("error-rate", load=builders.load(overall=overall))
    assert (judgement.outcome, judgement.reason) == ("fail", "5.00% of 200 requests failed, limit 1% (10 timeout)")


def test_fewer_than_a_hundred_requests_have_no_rate() -> None:
    judgement = builders.judge("error-rate", load=builders.load(overall=builders.figures("all", 99)))
    assert (judgement.outcome, judgement.reason) == ("inconclusive", "99 requests are too few for a rate")


def test_a_load_of_nothing_but_limited_requests_is_inconclusive() -> None:
    limited = builders.figures("all", 300, succeeded=0, limited=300, by_outcome={"limited": 300})
    assert builders.judge("error-rate", load=builders.load(overall=limited)).outcome == "inconclusive"


@pytest.mark.parametrize(("usage", "outcome"), [(0.79, "pass"), (0.8, "fail"), (1.0, "fail")])
def test_the_pool_fails_from_eighty_percent_on(usage: float, outcome: str) -> None:
    judgement = builders.judge("db-pool", load=builders.load(pool=builders.pool(peak_usage=usage)))
    assert judgement.outcome == outcome
    assert f"{usage:.0%}" in judgement.reason


def test_a_pool_that_nobody_measured_is_inconclusive() -> None:
    pool = builders.pool(peak_usage=None, source="pg_stat_activity alone")
    judgement = builders.judge("db-pool", load=builders.load(pool=pool))
    assert (judgement.outcome, judgement.reason) == (
        "inconclusive",
        "pool usage was not measured (pg_stat_activity alone)",
    )


@pytest.mark.parametrize("gate", ["p95-latency", "error-rate", "db-pool"])
@pytest.mark.parametrize(
    ("generator", "reason"),
    [
        ({"delivered_actions": 189}, "the load was not delivered: 189 of 200 planned writes were sent"),
        ({"planned_actions": 0, "delivered_actions": 0}, "the load was not delivered: 0 of 0 planned writes were sent"),
        ({"lag_p95_ms": None}, "the load generator did not watch itself"),
        ({"lag_p95_ms": 120.5}, "the load generator was saturated: its p95 lag was 120.5 ms"),
    ],
)
def test_a_load_that_proves_nothing_is_inconclusive(gate: str, generator: dict[str, float | None], reason: str) -> None:
    judgement = builders.judge(gate, load=builders.load(generator=builders.generator(**generator)))
    assert (judgement.outcome, judgement.reason) == ("inconclusive", reason)


@pytest.mark.parametrize("gate", ["p95-latency", "error-rate", "db-pool"])
def test_a_load_delivered_to_the_configured_share_is_enough(gate: str) -> None:
    load = builders.load(generator=builders.generator(delivered_actions=190))
    assert builders.judge(gate, load=load).outcome == "pass"


def test_a_slow_platform_fails_also_where_the_load_was_not_delivered() -> None:
    slow: tuple[Window, ...] = builders.windows(SLOW, SLOW, SLOW)
    load = builders.load(windows=slow, generator=builders.generator(delivered_actions=10))
    assert builders.judge("p95-latency", load=load).outcome == "fail"
