"""Gates on what candidates felt under load."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.gate import GateResult
from pytest_examday.evidence.figures import ErrorCount, OperationFigures, Window
from pytest_examday.load.load_summary import (
    BegunWrites,
    LoadTimes,
    PlannedWrites,
)
from pytest_examday.load.request_figures import figures_by_operation
from pytest_examday.suites.exam.evidence import LoadEvidence
from pytest_examday.suites.exam.load.candidate_script import Schedule
from pytest_examday.suites.exam.load.exam_summary import exam_parts, exam_requests
from tests import builders

FAST, SLOW = 20.0, 800.0


def _p95(*values: float | None, steady: tuple[OperationFigures, ...] = ()) -> GateResult:
    load = builders.load(windows=builders.windows(*values), steady=builders.exam_figures(*steady))
    return builders.gate("p95-latency", load=load)


def test_one_slow_window_is_not_consistently_slow() -> None:
    assert _p95(SLOW, *[FAST] * 7).outcome == "pass"
    assert _p95(SLOW, FAST, FAST).outcome == "pass"


def test_a_slow_window_that_is_accepted_is_told_with_the_number_that_would_fail() -> None:
    assert "is 800 ms, limit 500 ms; too slow in 1 of them, and 2 would fail" in _p95(SLOW, *[FAST] * 7).reason
    assert "would fail" not in _p95(*[FAST] * 8).reason


def test_two_slow_windows_of_eight_are_consistently_slow() -> None:
    result = _p95(SLOW, SLOW, *[FAST] * 6)
    assert (result.outcome, result.reason) == (
        "fail",
        "p95 of requests was too high in 2 of 8 windows, at worst 800 ms, limit 500 ms",
    )


def test_two_slow_windows_of_nine_are_below_the_configured_share() -> None:
    assert _p95(SLOW, SLOW, *[FAST] * 7).outcome == "pass"


def test_the_share_of_slow_windows_is_configurable() -> None:
    load = builders.load(windows=builders.windows(SLOW, SLOW, *[FAST] * 7))
    assert builders.gate("p95-latency", Thresholds(slow_window_share=0.2), load=load).outcome == "fail"


@given(slow=st.integers(0, 12), fast=st.integers(0, 12))
def test_slow_windows_are_consistent_from_two_on_and_a_quarter_of_all(slow: int, fast: int) -> None:
    outcome = _p95(*[SLOW] * slow, *[FAST] * fast).outcome
    consistent = slow >= 2 and slow >= 0.25 * (slow + fast)
    assert outcome == ("fail" if consistent else "pass" if slow + fast >= 3 else "inconclusive")


@pytest.mark.parametrize(("p95_ms", "outcome"), [(499.9, "pass"), (500.0, "fail")])
def test_p95_has_to_be_below_the_limit_as_the_title_says(p95_ms: float, outcome: str) -> None:
    assert _p95(p95_ms, p95_ms, p95_ms).outcome == outcome


def test_windows_of_the_ramp_are_not_judged() -> None:
    ramp = tuple(builders.window(number, SLOW, ramp=True) for number in range(5))
    load = builders.load(windows=(*ramp, *builders.windows(FAST, FAST, FAST, first=5)))
    assert builders.gate("p95-latency", load=load).outcome == "pass"


def test_fewer_than_three_windows_with_enough_requests_are_inconclusive() -> None:
    few = tuple(builders.window(number, FAST, requests=19) for number in range(6))
    load = builders.load(windows=(*few, *builders.windows(FAST, FAST, first=6)))
    result = builders.gate("p95-latency", load=load)
    assert result.outcome == "inconclusive"
    assert result.reason == "only 2 windows of at least 20 requests after the ramp, 3 are needed"


def test_a_window_without_a_percentile_is_no_pass_however_many_others_have_one() -> None:
    result = _p95(FAST, FAST, FAST, None)
    assert (result.outcome, result.reason) == ("inconclusive", "1 of 4 windows hold no 95th percentile")


def test_a_window_with_writes_and_without_requests_is_no_pass() -> None:
    windows = (*builders.windows(FAST, FAST, FAST), builders.window(3, None, requests=0))
    result = builders.gate("p95-latency", load=builders.load(windows=windows))
    assert result.outcome == "inconclusive"
    assert result.reason == "in 1 of 4 windows writes were begun and no request was measured"


def test_windows_that_lack_a_part_of_the_writes_are_no_pass() -> None:
    whole = builders.load()
    result = builders.gate("p95-latency", load=whole.model_copy(update={"windows": whole.windows[:5]}))
    assert result.outcome == "inconclusive"
    assert "its windows hold 200 writes, and 360 were begun" in result.reason


def test_actions_without_a_percentile_are_no_pass() -> None:
    result = _p95(FAST, FAST, FAST, steady=(builders.figures("login", 40, response_p95_ms=None),))
    assert result.outcome == "inconclusive"
    assert "the evidence of 40 login actions holds no 95th percentile of their response times" in result.reason


def test_a_figure_at_its_limit_is_written_so_that_the_difference_is_seen() -> None:
    barely = _p95(FAST, FAST, FAST, steady=(builders.figures("submit", 20, 500.2),))
    assert barely.reason == "p95 of submit is 500.2 ms, limit 500 ms (each request)"
    equal = _p95(FAST, FAST, FAST, steady=(builders.figures("submit", 20, 500.0),))
    assert equal.reason == "p95 of submit is 500 ms, limit 500 ms (not below it) (each request)"


def test_one_slow_operation_fails_although_all_windows_are_fast() -> None:
    result = _p95(FAST, FAST, FAST, steady=(builders.figures("submit", 20, SLOW),))
    assert (result.outcome, result.reason) == ("fail", "p95 of submit is 800 ms, limit 500 ms (each request)")


def test_long_waits_for_actions_fail_although_every_request_was_fast() -> None:
    result = _p95(FAST, FAST, FAST, steady=(builders.figures("answer", 300, FAST, response_p95_ms=SLOW),))
    assert (result.outcome, result.reason) == (
        "fail",
        "p95 of the response time of answer is 800 ms, limit 500 ms (from when it was due, retries and waits included)",
    )


def test_actions_that_waited_for_a_rate_limit_are_in_doubt_and_no_failure() -> None:
    limited = builders.figures("login", 100, FAST, response_p95_ms=SLOW, limited=5)
    result = _p95(FAST, FAST, FAST, steady=(limited,))
    assert (result.outcome, result.reason) == (
        "inconclusive",
        "p95 of the response time of login is 800 ms, limit 500 ms, and 5 of 100 requests were refused by a "
        "rate limit, which this rehearsal itself may have caused",
    )


def test_fewer_refusals_than_a_twentieth_do_not_excuse_a_slow_response() -> None:
    limited = builders.figures("login", 100, FAST, response_p95_ms=SLOW, limited=4)
    assert _p95(FAST, FAST, FAST, steady=(limited,)).outcome == "fail"


def test_fast_responses_are_good_however_many_requests_were_limited() -> None:
    limited = builders.figures("login", 100, FAST, limited=50)
    assert _p95(FAST, FAST, FAST, steady=(limited,)).outcome == "pass"


def test_the_reason_for_a_pass_names_both_times() -> None:
    assert _p95(FAST, 30.0, FAST).reason == (
        "p95 of all requests in the slowest of 3 windows after the ramp is 30 ms, limit 500 ms; "
        "p95 of create after the ramp 20 ms, response time 25 ms, limit 500 ms; "
        "p95 of answer after the ramp 20 ms, response time 25 ms, limit 500 ms; "
        "p95 of submit after the ramp 20 ms, response time 25 ms, limit 500 ms"
    )


@pytest.mark.parametrize("operation", ["create", "answer", "submit"])
def test_an_operation_of_the_exam_that_was_called_too_rarely_is_in_doubt(operation: str) -> None:
    result = _p95(FAST, FAST, FAST, steady=(builders.figures(operation, 19, FAST),))
    assert (result.outcome, result.reason) == (
        "inconclusive",
        f"too few {operation} requests to judge: 19 after the ramp, 20 are needed",
    )


@pytest.mark.parametrize("operation", ["create", "answer", "submit"])
def test_an_operation_of_the_exam_that_was_never_called_after_the_ramp_is_in_doubt(operation: str) -> None:
    steady = tuple(one for one in builders.exam_figures() if one.operation != operation)
    result = builders.gate("p95-latency", load=builders.load(steady=steady))
    assert result.outcome == "inconclusive"
    assert f"too few {operation} requests to judge: 0 after the ramp" in result.reason


def test_an_operation_without_response_times_is_in_doubt() -> None:
    result = _p95(FAST, FAST, FAST, steady=(builders.figures("answer", 300, FAST, responses=0, response_p95_ms=None),))
    assert (result.outcome, result.reason) == (
        "inconclusive",
        "too few answer actions with a response time to judge: 0, 20 are needed",
    )


def test_another_operation_called_too_rarely_has_no_percentile() -> None:
    assert _p95(FAST, FAST, FAST, steady=(builders.figures("review", 19, SLOW),)).outcome == "pass"


@pytest.mark.parametrize("gate", ["p95-latency", "error-rate", "no-manual-fixes"])
def test_a_load_without_submissions_says_nothing_about_them(gate: str) -> None:
    fates = (builders.fate(finished=False, finished_at=None, story="sat the exam"),)
    operations = tuple(one for one in builders.exam_figures() if one.operation != "submit")
    load = builders.load(
        shape="answers", planned={"create": 40, "answer": 300}, operations=operations, steady=operations, fates=fates
    )
    result = builders.gate(gate, load=load)
    assert (result.outcome, result.reason) == (
        "inconclusive",
        "submit was not exercised: it is no part of a load of shape 'answers'",
    )


def test_an_operation_without_judged_requests_makes_the_error_rate_inconclusive() -> None:
    limited = builders.figures("create", 40, None, limited=40)
    result = builders.line("session-creation-errors", load=builders.load(operations=builders.exam_figures(limited)))
    assert (result.outcome, result.reason) == ("inconclusive", "create was not exercised: no request was judged")


def _answers(late_every: int, count: int) -> LoadEvidence:
    """A load whose answers are late at regular distances, summed up as a real one is."""
    samples = [
        builders.sample(at=n * 0.05, ms=ms, response_ms=ms)
        for n in range(count)
        for ms in [900.0 if n % late_every == 7 else 5.0]
    ]
    clock = LoadTimes(builders.EPOCH, exam_parts(Schedule("exam", 1.0, 90.0, 100.0)), 3.0, 4.2)
    requests = exam_requests(clock).read(samples)
    even = (
        window.model_copy(update={"planned": 84, "begun": 84})
        for window in requests.windows(PlannedWrites(), BegunWrites(clock))
    )
    steady = builders.exam_figures(*figures_by_operation(samples))
    return builders.load(windows=tuple(even), steady=steady, histograms=requests.histograms())


def test_every_twentieth_request_late_is_red() -> None:
    result = builders.gate("p95-latency", load=_answers(20, 400))
    assert result.outcome == "fail"
    assert "p95 of answer is 900 ms" in result.reason


def test_one_late_request_of_twenty_one_does_not_fail_p95() -> None:
    assert builders.gate("p95-latency", load=_answers(21, 420)).outcome == "pass"


def test_a_candidate_who_waited_too_long_fails_whatever_the_percentile() -> None:
    result = builders.gate("p95-latency", load=builders.load(fates=(builders.waiter(),)))
    assert (result.outcome, result.reason) == (
        "fail",
        "candidates who waited too long: 1; first: ada waited 42.0 s on submit",
    )


@pytest.mark.parametrize(("limit", "outcome"), [(5, "fail"), (10, "fail"), (20, "pass"), (60, "pass")])
def test_waits_are_judged_by_the_limit_of_the_run_that_judges(limit: float, outcome: str) -> None:
    """Whatever limit the run had that measured and named the harm."""
    for harmed in ((), (builders.harm(),)):
        load = builders.load(fates=(builders.waiter(seconds=20),), harmed=harmed)
        result = builders.line("nobody-was-harmed-by-waiting-in-load", Thresholds(max_wait_seconds=limit), load=load)
        assert (result.outcome, f"candidates waited longer than {limit} s" in result.facts_in_words) == (outcome, True)


def test_another_harm_is_not_a_matter_of_latency() -> None:
    stuck = builders.fate(finished=False, finished_at=None, worst_wait_ms=42_000.0)
    assert builders.gate("p95-latency", load=builders.load(fates=(stuck,))).outcome == "pass"


@pytest.mark.parametrize(("errors", "outcome"), [(0, "pass"), (1, "pass"), (3, "pass"), (4, "fail"), (8, "fail")])
def test_the_error_rate_has_to_be_below_one_percent(errors: int, outcome: str) -> None:
    assert builders.gate("error-rate", load=builders.load(overall=builders.failing(400, errors))).outcome == outcome


def test_the_error_rate_says_how_requests_failed() -> None:
    overall = builders.figures(
        "all", 400, succeeded=392, errors=8, by_outcome={"ok": 392, "timeout": 3, "server_error": 5}
    )
    result = builders.gate("error-rate", load=builders.load(overall=overall))
    assert result.reason == "2.00% of 400 requests failed, limit 1% (5 server_error, 3 timeout)"


def test_refusals_by_a_rate_limit_count_neither_way() -> None:
    overall = builders.figures(
        "all", 1000, succeeded=190, errors=10, limited=800, by_outcome={"ok": 190, "limited": 800, "timeout": 10}
    )
    result = builders.gate("error-rate", load=builders.load(overall=overall))
    assert (result.outcome, result.reason) == ("fail", "5.00% of 200 requests failed, limit 1% (10 timeout)")


def test_fewer_than_a_hundred_requests_have_no_rate() -> None:
    result = builders.gate("error-rate", load=builders.load(overall=builders.figures("all", 99)))
    assert (result.outcome, result.reason) == ("inconclusive", "99 requests are too few for a rate")


def test_a_load_of_nothing_but_limited_requests_is_inconclusive() -> None:
    limited = builders.figures("all", 300, succeeded=0, limited=300, by_outcome={"limited": 300})
    assert builders.gate("error-rate", load=builders.load(overall=limited)).outcome == "inconclusive"


@pytest.mark.parametrize(("usage", "outcome"), [(0.79, "pass"), (0.8, "fail"), (1.0, "fail")])
def test_the_pool_fails_from_eighty_percent_on_where_it_lasts(usage: float, outcome: str) -> None:
    result = builders.gate("db-pool", load=builders.load(pool=builders.pool(peak_usage=1.0, sustained_usage=usage)))
    assert result.outcome == outcome
    assert f"{usage:.0%}" in result.reason


def test_a_short_peak_of_the_pool_is_told_and_accuses_nobody() -> None:
    pool = builders.pool(peak_usage=0.95, sustained_usage=0.02)
    result = builders.gate("db-pool", load=builders.load(pool=pool))
    assert result.outcome == "pass"
    assert "in three readings in a row to 2%, limit 80%; at its peak to 95%" in result.reason


@pytest.mark.parametrize(("peak", "outcome"), [(0.5, "pass"), (0.9, "inconclusive")])
def test_with_few_readings_only_a_peak_below_the_limit_passes(peak: float, outcome: str) -> None:
    pool = builders.pool(samples=2, peak_usage=peak, sustained_usage=None)
    assert builders.gate("db-pool", load=builders.load(pool=pool)).outcome == outcome


_MIB = 2.0**20


@pytest.mark.parametrize(
    ("middle", "last", "outcome"),
    [
        (80, 90, "pass"),  # caches
        (80, 111, "pass"),  # more than a quarter, and still less than an exam would feel
        (400, 450, "pass"),  # large workers vary
        (400, 501, "fail"),
        (80, 580, "fail"),  # 50 MB in each of ten requests
        (600, 90, "pass"),  # a restart is told by other lines
    ],
)
def test_memory_fails_where_it_goes_on_growing(middle: float, last: float, outcome: str) -> None:
    memory = builders.memory(middle=middle * _MIB, last=last * _MIB)
    result = builders.gate("stable-under-load", load=builders.load(memory=memory))
    assert result.outcome == outcome
    assert f"{middle} MiB in the middle of the load and {last} MiB at its end" in result.reason


def test_processes_that_grow_fail_where_the_metric_says_otherwise() -> None:
    processes = builders.memory(middle=90 * _MIB, last=260 * _MIB, source="the processes of the workers")
    result = builders.gate("stable-under-load", load=builders.load(process_memory=processes))
    assert result.outcome == "fail"
    assert "the largest process had 90 MiB in the middle of the load and 260 MiB at its end" in result.reason


@pytest.mark.parametrize(("metric", "outcome"), [(90, "fail"), (130, "pass")])
def test_processes_that_grow_at_the_very_end_have_to_grow_in_the_metric_too(metric: float, outcome: str) -> None:
    processes = builders.memory(middle=86 * _MIB, last=86 * _MIB, peak=130 * _MIB)
    told = builders.memory(middle=90 * _MIB, last=90 * _MIB, peak=metric * _MIB)
    result = builders.line("memory-stays-stable", load=builders.load(memory=told, process_memory=processes))
    assert result.outcome == outcome
    words = "the largest process grew by 44 MiB up to its peak, the metric by 0 MiB"
    assert (words in result.reason) is (outcome == "fail"), result.reason


def test_processes_stand_in_for_a_metric_that_there_is_not() -> None:
    nothing = builders.memory(samples=0, source="the contract names no metric of memory", middle=None, last=None)
    load = builders.load(memory=nothing, process_memory=builders.memory())
    assert builders.line("memory-stays-stable", load=load).outcome == "pass"


def test_the_longest_wait_of_a_candidate_is_told() -> None:
    fates = (builders.fate("ada", worst_wait_ms=3000, worst_wait_operation="answer"), builders.fate("bob"))
    result = builders.line("nobody-was-harmed-by-waiting-in-load", load=builders.load(fates=fates))
    assert "the longest wait: 3.0 s on answer (ada)" in str(result.facts_in_words)


def test_a_platform_that_tells_no_memory_is_not_accused() -> None:
    memory = builders.memory(samples=0, source="the contract names no metric of memory", middle=None, last=None)
    assert builders.gate("stable-under-load", load=builders.load(memory=memory)).outcome == "pass"


@pytest.mark.parametrize(
    ("degraded", "readings", "outcome"), [(0, 20, "pass"), (1, 20, "fail"), (0, 0, "inconclusive")]
)
def test_a_platform_that_is_not_ready_under_load_is_not_stable(degraded: int, readings: int, outcome: str) -> None:
    load = builders.load(ready_degraded=degraded, ready_readings=readings)
    assert builders.gate("stable-under-load", load=load).outcome == outcome


def test_where_connections_were_counted_no_worker_is_named() -> None:
    pool = builders.pool(peak_usage=0.3, sustained_usage=0.2, exhausted=False, of_all_workers=True)
    result = builders.gate("db-pool", load=builders.load(pool=pool))
    assert result.outcome == "pass"
    assert result.reason.startswith("the limit of all workers' connections was used in three readings in a row to 20%")


def test_a_pool_that_nobody_measured_is_inconclusive() -> None:
    pool = builders.pool(peak_usage=None, sustained_usage=None, source="pg_stat_activity alone")
    result = builders.gate("db-pool", load=builders.load(pool=pool))
    assert (result.outcome, result.reason) == (
        "inconclusive",
        "pool usage was not measured (pg_stat_activity alone)",
    )


@pytest.mark.parametrize("gate", ["p95-latency", "error-rate", "db-pool"])
def test_a_load_that_was_not_delivered_proves_nothing(gate: str) -> None:
    load = builders.load(generator=builders.generator(delivered_actions=189))
    result = builders.gate(gate, load=load)
    assert (result.outcome, result.reason) == (
        "inconclusive",
        "the load was not delivered: 189 of 200 planned writes were sent",
    )


def test_a_slow_platform_fails_also_where_the_load_was_not_delivered() -> None:
    slow: tuple[Window, ...] = builders.windows(SLOW, SLOW, SLOW)
    load = builders.load(windows=slow, generator=builders.generator(delivered_actions=10))
    assert builders.gate("p95-latency", load=load).outcome == "fail"


def test_a_slow_read_with_six_requests_is_named_though_other_operations_have_more() -> None:
    reads = builders.figures("read", 6, 4000.0, p50_ms=3000.0)
    quick = _p95(FAST, FAST, FAST, steady=(reads,))
    assert (quick.outcome, quick.reason) == (
        "fail",
        "p50 of read is 3000 ms, limit 500 ms (6 requests, too few for p95)",
    )
    slow = _p95(SLOW, SLOW, SLOW, steady=(reads,))
    assert "p95 of requests was too high in 3 of 3 windows, at worst 800 ms, limit 500 ms; slowest: read" in slow.reason


@pytest.mark.parametrize(("requests", "p50_ms"), [(4, 3000.0), (6, 100.0)], ids=["four", "most of them fast"])
def test_a_few_slow_requests_among_few_accuse_nobody(requests: int, p50_ms: float) -> None:
    reads = builders.figures("read", requests, 4000.0, p50_ms=p50_ms)
    assert _p95(FAST, FAST, FAST, steady=(reads,)).outcome == "pass"


def test_a_worker_that_never_serves_submit_is_named_with_the_platforms_words() -> None:
    load = builders.load(
        operations=builders.exam_figures(builders.failing(147, 97, operation="submit")),
        failing_places={
            "submit": {"worker-1": ErrorCount(judged=50, errors=0), "worker-2": ErrorCount(judged=97, errors=97)}
        },
        fates=(builders.fate("ada", failures={"submit": 'HTTP 500 "no such table"'}), builders.fate("bob")),
    )
    assert builders.line("session-submits-errors", load=load).reason == (
        "97 of 147 submit requests failed (65.99%, limit 1%), by log: worker-2 97 of 97, worker-1 0 of 50, for "
        'instance ada: HTTP 500 "no such table"'
    )


def test_windows_of_few_requests_are_left_out_and_that_is_said() -> None:
    few = tuple(builders.window(number, FAST, requests=19) for number in range(2))
    load = builders.load(windows=(*few, *builders.windows(FAST, FAST, FAST, first=2)))
    made = builders.line("p95-stays-below-the-limit", load=load)
    assert made.outcome == "pass"
    assert "2 windows of fewer than 20 requests were left out" in made.facts_in_words


def test_a_candidate_who_waits_for_every_answer_fails_p95_latency() -> None:
    waits = (builders.actor_wait("candidate-0015", 4010.0), builders.actor_wait("candidate-0003", 14.0))
    result = builders.gate("p95-latency", load=builders.load(slowest=waits))
    assert (result.outcome, result.reason) == (
        "fail",
        "p50 of 20 requests of candidate-0015 is 4010 ms, limit 500 ms",
    )


def test_a_load_of_k6_says_which_doubles_it_does_not_try() -> None:
    told = "k6 tries no double starts, and no doubles on new connections or without a key: phase 5 does"
    assert told in builders.line("double-submits-were-tried", load=builders.load(engine="k6 1.4.0")).facts_in_words
    assert told not in builders.line("double-submits-were-tried", load=builders.load()).facts_in_words
