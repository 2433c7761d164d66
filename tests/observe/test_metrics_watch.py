"""Metrics, and the pool that they tell of."""

from typing import Any

import pytest

from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.observe.metrics_scrape import scrape
from pytest_examday.observe.metrics_watch import MetricsWatch
from pytest_examday.target.api import Reply
from tests.observe.fakes import make_connections, ready, scraped

TEXT = """
# HELP examday_db_pool_in_use_peak highest number in use
# TYPE examday_db_pool_in_use_peak gauge
examday_db_pool_in_use_peak{worker="1"} 3
examday_db_pool_in_use_peak{worker="2"} 7
examday_db_pool_limit_per_worker 10
examday_db_pool_size 16
examday_db_pool_max 20
examday_db_pool_in_use 5
examday_redis_errors_total 4
examday_redis_reconnects_total 2
"""
SILENT = CONTRACT.model_copy(update={"metrics": None})


def _watched(*metrics: Reply, **reached: Any) -> MetricsWatch:
    """A watch that took one sample of each of these answers."""
    watch = MetricsWatch(make_connections())
    for reply in metrics:
        watch._target_connections = make_connections(metrics=reply, **reached)
        watch.read()
    return watch


def test_every_value_of_a_metric_is_kept_by_its_name() -> None:
    metrics = scrape(make_connections(metrics=scraped(TEXT)).api)
    assert metrics is not None
    assert metrics["examday_db_pool_in_use_peak"] == (3, 7)
    assert metrics["examday_redis_errors_total"] == (4,)


@pytest.mark.parametrize(
    "reply",
    [scraped("", 503), scraped("", None), scraped("<html><body>Bad gateway</body></html>")],
    ids=["an error", "no reply", "a page of a proxy"],
)
def test_a_platform_that_tells_no_metrics_now_is_no_crash(reply: Reply) -> None:
    assert scrape(make_connections(metrics=reply).api) is None


def test_a_platform_without_metrics_is_not_asked() -> None:
    assert scrape(make_connections(contract=SILENT).api) is None


def _reading(**metrics: object) -> Reply:
    """One reading; the metrics by name without `examday_`, one value or those of several workers."""
    lines = [
        f'examday_{name}{{worker="{worker}"}} {value}'
        for name, values in metrics.items()
        for worker, value in enumerate(values if isinstance(values, tuple) else (values,))
    ]
    return scraped("\n".join(lines) + "\n")


def _used(*in_use: object, peak: object = 1) -> MetricsWatch:
    """A watch of two workers that may use ten connections each, and used these."""
    pool = {"db_pool_max": (10, 10), "db_pool_limit_per_worker": 10, "db_pool_in_use_peak": peak}
    return _watched(*(_reading(db_pool_in_use=one, **pool) for one in in_use))


@pytest.mark.parametrize(
    ("in_use", "lasting", "exhausted"),
    [
        (((1, 1), (1, 10), (1, 1), (1, 1)), 0.1, False),  # one burst
        (((1, 1), (1, 10), (10, 1), (1, 1)), 0.1, True),
        (((1, 1), (1, 9), (9, 1), (1, 9), (1, 1)), 0.9, False),  # full in turns, and never free
        (((1, 10), (1, 10), (1, 10)), 1.0, True),
    ],
    ids=["one burst", "two readings", "three readings", "full"],
)
def test_what_lasts_is_what_three_readings_in_a_row_show_of_the_fullest_worker(
    in_use: tuple[object, ...], lasting: float, exhausted: bool
) -> None:
    figures = _used(*in_use).figures()
    assert (figures.sustained_usage, figures.exhausted) == (lasting, exhausted)


def test_two_readings_do_not_tell_what_lasts() -> None:
    assert _used((1, 10), (1, 10)).figures().sustained_usage is None


def test_a_peak_of_an_earlier_rehearsal_is_not_one_of_this_load() -> None:
    assert _used((1, 2), (3, 1), (1, 1), peak=10).figures().peak_usage == 0.3


@pytest.mark.parametrize(
    ("peak", "busy", "source"),
    [
        ({"db_pool_in_use_peak": (0, 0)}, None, "the platform's metrics say that no connection was ever in use"),
        ({}, 2, "the platform's metrics say that no connection was ever in use"),
        ({"db_pool_in_use_peak": (1, 0)}, 2, "the platform's metrics and pg_stat_activity"),
        ({}, None, "the platform's metrics and pg_stat_activity"),
    ],
    ids=["its own peak is 0", "connections at work", "in use before", "nothing contradicts"],
)
def test_a_pool_that_was_never_used_is_unmeasured_if_it_was_used(
    peak: dict[str, object], busy: int | None, source: str
) -> None:
    pool = {"db_pool_max": (10, 10), "db_pool_limit_per_worker": 10, "db_pool_in_use": (0, 0), **peak}
    figures = _watched(*[_reading(**pool)] * 4, connections=busy).figures()
    assert figures.source.startswith(source)
    assert figures.samples == (0 if "no connection" in source else 4)


def test_a_peak_between_two_readings_is_told_where_it_rose() -> None:
    quiet = {"db_pool_max": (10, 10), "db_pool_limit_per_worker": 10, "db_pool_in_use": (1, 1)}
    watch = _watched(_reading(**quiet, db_pool_in_use_peak=2), _reading(**quiet, db_pool_in_use_peak=7))
    assert watch.figures().peak_usage == 0.7


@pytest.mark.parametrize(
    ("totals", "counted"),
    [((7,), 0), ((7, 7, 7), 0), ((7, 9, 12), 5), ((7, 2, 3), 3), (((4, 3), (4, 5)), 2)],
    ids=["one reading", "nothing new", "rises", "a worker began anew", "two workers"],
)
def test_errors_of_redis_are_those_since_the_watch_began(totals: tuple[object, ...], counted: int) -> None:
    assert _watched(*(_reading(redis_errors_total=total) for total in totals)).redis_errors == counted


def test_memory_is_that_of_the_largest_worker_in_the_middle_and_at_the_end() -> None:
    sizes = [(50, 40), (90, 40), (95, 40), (100, 40), (40, 101), (100, 40), (110, 40), (130, 40), (120, 40)]
    memory = _watched(*(_reading(worker_memory_bytes=size) for size in sizes)).memory()
    assert (memory.samples, memory.middle, memory.last, memory.peak) == (9, 100, 120, 130)


def test_five_readings_of_memory_tell_no_trend() -> None:
    memory = _watched(*[_reading(worker_memory_bytes=50)] * 5).memory()
    assert (memory.samples, memory.middle, memory.last) == (5, None, None)


def test_memory_that_the_contract_does_not_name_is_unmeasured() -> None:
    assert _watched(scraped(TEXT), contract=SILENT).memory().samples == 0


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf", "1e999", "1e300", "1e-300", "-1"])
def test_a_value_that_is_no_count_costs_only_its_own_figure(value: str) -> None:
    figures = _watched(scraped(TEXT.replace("in_use 5", f"in_use {value}"))).figures()
    assert (figures.average_usage, figures.pool_size, figures.limit_per_worker) == (None, 16, 10)


@pytest.mark.parametrize("value", ["2 ms", "many", "404.0.0"])
def test_metrics_that_cannot_be_read_are_no_readings(value: str) -> None:
    assert _watched(scraped(TEXT.replace("in_use 5", f"in_use {value}"))).figures().samples == 0


def test_the_fullest_worker_decides_the_peak() -> None:
    figures = _watched(scraped(TEXT.replace('{worker="2"} 7', '{worker="2"} 6')), scraped(TEXT)).figures()
    assert (figures.peak_in_use, figures.limit_per_worker, figures.peak_usage) == (7, 10, 0.7)
    assert (figures.pool_size, figures.max_overflow, figures.average_usage) == (16, 4, 0.25)
    assert (figures.peak_connections, figures.exhausted) == (7, False)


def test_the_peak_is_the_highest_of_all_samples() -> None:
    later = TEXT.replace('{worker="2"} 7', '{worker="2"} 1')
    assert _watched(scraped(TEXT), scraped(later)).figures().peak_usage == 0.5, "what is in use, not what was before"


@pytest.mark.parametrize(
    ("gone", "field"),
    [
        ("examday_db_pool_in_use_peak", "peak_usage"),
        ("examday_db_pool_limit_per_worker", "peak_usage"),
        ("examday_db_pool_size", "pool_size"),
        ("examday_db_pool_max", "average_usage"),
    ],
)
def test_what_the_platform_does_not_tell_is_unmeasured_and_not_zero(gone: str, field: str) -> None:
    kept = "\n".join(line for line in TEXT.splitlines() if gone not in line)
    assert getattr(_watched(scraped(kept)).figures(), field) is None


def test_a_limit_of_zero_is_no_limit_to_measure_by() -> None:
    zero = TEXT.replace("limit_per_worker 10", "limit_per_worker 0").replace("pool_max 20", "pool_max 0")
    figures = _watched(scraped(zero)).figures()
    assert (figures.peak_usage, figures.average_usage) == (None, None)


@pytest.mark.parametrize("watch", [_watched(), _watched(scraped("", 503)), _watched(scraped(TEXT), contract=SILENT)])
def test_without_metrics_usage_is_unmeasured(watch: MetricsWatch) -> None:
    figures = watch.figures()
    assert (figures.samples, figures.peak_usage, figures.exhausted) == (0, None, None)
    assert "reported no pool metrics" in figures.source


def test_connections_are_counted_by_postgresql_also_without_metrics() -> None:
    assert _watched(scraped("", 503), connections=12).figures().peak_connections == 12


def test_a_database_out_of_reach_leaves_connections_unmeasured() -> None:
    assert _watched(scraped(TEXT), connections=None).figures().peak_connections is None


def test_redis_figures_are_the_platforms_own_or_unmeasured() -> None:
    later = TEXT.replace("errors_total 4", "errors_total 6").replace("reconnects_total 2", "reconnects_total 3")
    watch = _watched(scraped(TEXT), scraped(later))
    assert (watch.redis_errors, watch.redis_reconnects) == (2, 1)
    for blind in (_watched(), _watched(scraped("other 1\n")), _watched(scraped(TEXT), contract=SILENT)):
        assert (blind.redis_errors, blind.redis_reconnects) == (None, None)


@pytest.mark.parametrize(
    ("reply", "degraded"),
    [(ready(), 0), (ready(503, "down"), 1), (ready(200, "degraded"), 1), (ready(None), 0)],
    ids=["ready", "503", "200 and degraded", "no reply"],
)
def test_an_answer_that_is_not_ready_is_counted_as_degraded(reply: Reply, degraded: int) -> None:
    assert _watched(scraped(TEXT), readiness=reply).degraded == degraded


def test_a_watch_samples_while_its_block_runs_and_ends_with_it() -> None:
    with MetricsWatch(make_connections(metrics=scraped(TEXT))) as watch:
        pass
    assert not watch._thread.is_alive()
    assert watch.figures().samples == 1


LIMITED = SILENT.model_copy(update={"connection_limit": 40})


@pytest.mark.parametrize(
    ("busy", "peak", "lasting", "exhausted"),
    [
        ((4, 8, 6, 10), 0.25, 0.15, False),
        ((4, 40, 4), 1.0, 0.1, False),
        ((38, 39, 38), 0.975, 0.95, False),
        ((40, 40, 40), 1.0, 1.0, True),
        ((40,), 1.0, None, False),
    ],
)
def test_without_metrics_busy_connections_are_held_against_the_limit(
    busy: tuple[int, ...], peak: float, lasting: float | None, exhausted: bool
) -> None:
    watch = MetricsWatch(make_connections(contract=LIMITED))
    for connections in busy:
        watch._target_connections = make_connections(contract=LIMITED, connections=connections)
        watch.read()
    figures = watch.figures()
    assert (figures.peak_usage, figures.sustained_usage, figures.exhausted) == (peak, lasting, exhausted)
    assert figures.source == "connections in pg_stat_activity that are not idle, of the contract's 40"
