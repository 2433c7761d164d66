"""Metrics, and the pool that they tell of."""

from typing import Any

import pytest

from pytest_examday.contract.reference import CONTRACT
from pytest_examday.observe.metrics_scrape import scrape
from pytest_examday.observe.pool_watch import PoolWatch
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


def _watched(*metrics: Reply, **reached: Any) -> PoolWatch:
    """A watch that took one sample of each of these answers."""
    watch = PoolWatch(make_connections())
    for reply in metrics:
        watch._reached = make_connections(metrics=reply, **reached)
        watch._sample()
    return watch


def test_every_value_of_a_metric_is_kept_by_its_name() -> None:
    metrics = scrape(make_connections(metrics=scraped(TEXT)).api)
    assert metrics is not None
    assert metrics["examday_db_pool_in_use_peak"] == (3, 7)
    assert metrics["examday_redis_errors_total"] == (4,)


@pytest.mark.parametrize(
    "reply",
    [scraped("", 503), scraped("", None), scraped("<html><body>Bad gateway</body></html>")],
    ids=["an error", "no answer", "a page of a proxy"],
)
def test_a_platform_that_tells_no_metrics_now_is_no_crash(reply: Reply) -> None:
    assert scrape(make_connections(metrics=reply).api) is None


def test_a_platform_without_metrics_is_not_asked() -> None:
    assert scrape(make_connections(contract=SILENT).api) is None


def test_the_fullest_worker_decides_the_peak() -> None:
    figures = _watched(scraped(TEXT)).figures()
    assert (figures.peak_in_use, figures.limit_per_worker, figures.peak_usage) == (7, 10, 0.7)
    assert (figures.pool_size, figures.max_overflow, figures.average_usage) == (16, 4, 0.25)
    assert (figures.peak_connections, figures.exhausted) == (7, False)


def test_the_peak_is_the_highest_of_all_samples() -> None:
    later = TEXT.replace('{worker="2"} 7', '{worker="2"} 1')
    assert _watched(scraped(TEXT), scraped(later)).figures().peak_usage == 0.7


def test_a_pool_used_up_is_exhausted() -> None:
    full = TEXT.replace('{worker="2"} 7', '{worker="2"} 10')
    figures = _watched(scraped(full)).figures()
    assert (figures.peak_usage, figures.exhausted) == (1.0, True)


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
def test_without_metrics_usage_is_unmeasured(watch: PoolWatch) -> None:
    figures = watch.figures()
    assert (figures.samples, figures.peak_usage, figures.exhausted) == (0, None, None)
    assert "told no pool metrics" in figures.source


def test_connections_are_counted_by_postgresql_also_without_metrics() -> None:
    assert _watched(scraped("", 503), connections=12).figures().peak_connections == 12


def test_a_database_out_of_reach_leaves_connections_unmeasured() -> None:
    assert _watched(scraped(TEXT), connections=None).figures().peak_connections is None


def test_redis_figures_are_the_platforms_own_or_unmeasured() -> None:
    watch = _watched(scraped(TEXT))
    assert (watch.redis_errors, watch.redis_reconnects) == (4, 2)
    for blind in (_watched(), _watched(scraped("other 1\n")), _watched(scraped(TEXT), contract=SILENT)):
        assert (blind.redis_errors, blind.redis_reconnects) == (None, None)


@pytest.mark.parametrize(
    ("reply", "degraded"),
    [(ready(), 0), (ready(503, "down"), 1), (ready(200, "degraded"), 1), (ready(None), 0)],
    ids=["ready", "503", "200 and degraded", "no answer"],
)
def test_an_answer_that_is_not_ready_is_counted_as_degraded(reply: Reply, degraded: int) -> None:
    assert _watched(scraped(TEXT), readiness=reply).degraded == degraded


def test_a_watch_samples_while_its_block_runs_and_ends_with_it() -> None:
    with PoolWatch(make_connections(metrics=scraped(TEXT))) as watch:
        pass
    assert not watch._thread.is_alive()
    assert watch.figures().samples == 1
