"""The figures made of requests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_examday.evidence.figures import ERRORS, UNJUDGED, status_class
from pytest_examday.load.request_figures import (
    Overlaps,
    RequestCounts,
    figures_by_operation,
    figures_of,
)
from pytest_examday.load.samples import Sample
from tests.builders import sample

waits = st.floats(0, 1e6)
outcomes = st.sampled_from(["ok", *sorted(UNJUDGED), *sorted(ERRORS)])


@given(st.lists(st.tuples(outcomes, waits)))
def test_every_request_is_a_success_an_error_or_not_judged(ended: list[tuple[str, float]]) -> None:
    made = figures_of("all", [sample(outcome=outcome, ms=ms) for outcome, ms in ended])
    unjudged = sum(outcome in UNJUDGED for outcome, _ in ended)
    assert made.requests == len(ended) == made.succeeded + made.errors + unjudged
    assert made.judged == made.requests - unjudged
    assert sum(made.by_outcome.values()) == made.requests
    answered = [ms for outcome, ms in ended if outcome != "limited"]
    assert made.max_ms == max(answered, default=None)
    assert (made.p95_ms is None) is (not answered)
    assert (made.error_rate is None) is (made.judged == 0)


def test_refusals_by_a_rate_limit_never_improve_a_latency() -> None:
    slow = [sample(ms=900.0) for _ in range(10)]
    limited = [sample(ms=1.0, outcome="limited", status=429) for _ in range(1000)]
    made = figures_of("answer", slow + limited)
    assert (made.p50_ms, made.p95_ms, made.limited, made.success_rate) == (900.0, 900.0, 1000, 1.0)


def test_nothing_has_no_figures() -> None:
    made = figures_of("answer", [])
    assert (made.p50_ms, made.p95_ms, made.p99_ms, made.max_ms) == (None, None, None, None)
    assert (made.error_rate, made.success_rate) == (None, None)


def test_operations_are_told_apart() -> None:
    made = figures_by_operation([sample("submit"), sample("answer"), sample("submit", outcome="timeout", status=None)])
    assert [(one.operation, one.requests, one.errors) for one in made] == [("answer", 1, 0), ("submit", 2, 1)]


@pytest.mark.parametrize(
    ("status", "outcome", "name"),
    [
        (200, "ok", "2xx"),
        (201, "unexpected", "2xx"),
        (304, "client_error", "3xx"),
        (404, "client_error", "4xx"),
        (401, "expired", "4xx"),
        (409, "client_error", "4xx"),
        (429, "limited", "429"),
        (503, "server_error", "5xx"),
        (502, "server_error", "502"),
        (504, "server_error", "504"),
        (None, "timeout", "timeout"),
        (None, "transport", "transport"),
    ],
)
def test_every_end_of_a_request_has_one_status_class(status: int | None, outcome: str, name: str) -> None:
    made = figures_of("answer", [sample(status=status, outcome=outcome)])
    assert made.by_status == {name: 1}
    assert status_class(status, outcome) == name  # type: ignore[arg-type]


def test_a_response_time_is_that_of_the_action_and_not_of_its_attempts() -> None:
    made = figures_of(
        "submit",
        [
            sample("submit", ms=4.0, status=503, outcome="server_error"),
            sample("submit", ms=5.0, status=503, outcome="server_error"),
            sample("submit", ms=6.0, response_ms=615.0),
        ],
    )
    assert (made.requests, made.max_ms) == (3, 6.0)
    assert (made.responses, made.response_p50_ms, made.response_max_ms) == (1, 615.0, 615.0)


def test_an_action_that_a_rate_limit_refused_has_a_response_time() -> None:
    made = figures_of("login", [sample("login", ms=1.0, status=429, outcome="limited", response_ms=60_000.0)])
    assert (made.p95_ms, made.max_ms, made.response_p95_ms, made.responses) == (None, None, 60_000.0, 1)


def test_actions_without_response_time_have_no_percentile_of_it() -> None:
    made = figures_of("answer", [sample()])
    assert (made.responses, made.response_p50_ms, made.response_max_ms) == (0, None, None)


@given(st.lists(st.tuples(outcomes, waits, st.none() | waits)), st.integers(0, 20))
def test_tallies_put_together_are_the_tally_of_all(ended: list[tuple[str, float, float | None]], cut: int) -> None:
    samples = [sample(outcome=outcome, ms=ms, response_ms=response) for outcome, ms, response in ended]
    together = RequestCounts()
    for part in (samples[:cut], samples[cut:]):
        counts = RequestCounts()
        for one in part:
            counts.add(one)
        together.absorb(counts)
    made, whole = together.figures("all"), figures_of("all", samples)
    assert made == whole


@pytest.mark.parametrize(
    ("requests", "doubles"),
    [
        ([], 0),
        ([("ada", 0, 10)], 0),
        ([("ada", 0, 10), ("ada", 0.005, 10)], 1),
        ([("ada", 0, 10), ("ada", 0.02, 10)], 0),
        ([("ada", 0, 10), ("bob", 0.005, 10)], 0),
        ([("ada", 0, 100), ("ada", 0.01, 1), ("ada", 0.05, 1)], 2),
        ([("ada", 0.005, 10), ("ada", 0, 10)], 1),
    ],
)
def test_overlapping_requests_of_one_candidate_are_counted(
    requests: list[tuple[str, float, float]], doubles: int
) -> None:
    overlaps = Overlaps()
    for who, at, ms in requests:
        overlaps.add(sample(actor=who, at=at, ms=ms))
    assert overlaps.count == doubles


def _sent_while_busy(samples: list[Sample]) -> int:
    """The same count by sorting all of them."""
    busy_until, doubles = float("-inf"), 0
    for one in sorted(samples):
        doubles += one.started < busy_until
        busy_until = max(busy_until, one.ended)
    return doubles


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), max_size=12))
def test_double_clicks_are_found_in_any_order(spans: list[tuple[int, int]]) -> None:
    samples = [sample(at=float(at), ms=ms * 1000.0) for at, ms in spans]
    overlaps = Overlaps()
    for one in samples:
        overlaps.add(one)
    assert overlaps.count == _sent_while_busy(samples)
