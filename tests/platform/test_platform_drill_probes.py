"""What drills try beside their candidates, on a real platform."""

import os
from pathlib import Path
from types import ModuleType

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.config.runtimes import PlatformRuntime
from pytest_examday.drills.further import (
    network_delay,
    pool_exhausted,
    postgres_restart,
    redis_emptied,
    slow_database,
    system_restart,
)
from pytest_examday.drills.probes import Continuity, enter_and_sit, others_serve, retry
from pytest_examday.secrets import Redactor
from pytest_examday.site import Site
from pytest_examday.sitting import Sitting
from tests.platform.platform_harness import Platform


@pytest.fixture
def site(linked: Platform, tmp_path: Path) -> Site:
    """Attached to a platform."""
    runtime = PlatformRuntime(kind="platform", state=linked.directory / "platform.json")
    environment = Environment(name="staging", runtime=runtime, allow=("read", "write", "disrupt"))
    return Site(environment, tmp_path, Redactor(), os.getpid())


@pytest.fixture
def sitting(site: Site) -> Sitting:
    """A candidate who has logged in."""
    (account,) = site.take_accounts(1)
    return Sitting.begin(site, account)


def test_everything_that_is_tried_works_on_a_healthy_platform(site: Site, sitting: Sitting) -> None:
    made = [*others_serve(site, sitting), *retry(site, sitting), *enter_and_sit(site, sitting)]
    assert [probe.name for probe in made] == [
        *("others serve", "retry", "login during", "refresh during"),
        *("create during", "answer during", "submit during"),
    ]
    assert [probe for probe in made if not probe.passed] == []


def test_an_exam_begun_before_is_resumed_and_submitted_after(site: Site, sitting: Sitting) -> None:
    continuity = Continuity.begin(site, sitting)
    made = continuity.finish()
    assert [probe.name for probe in made] == ["begin before", "answer before", "resume after", "submit after"]
    assert all(probe.passed for probe in made)


def test_an_exam_whose_acknowledged_answer_is_gone_is_not_resumed(
    site: Site, sitting: Sitting, linked: Platform
) -> None:
    continuity = Continuity.begin(site, sitting)
    linked.tamper("DELETE FROM session_answers WHERE session_id = %s", continuity.sitting.session_id)
    resumed = next(probe for probe in continuity.finish() if probe.name == "resume after")
    assert not resumed.passed
    assert "shows {}, acknowledged was {" in resumed.detail


@pytest.mark.parametrize(
    ("described", "remains"),
    [
        (network_delay, "delayed: redis"),
        (slow_database, "delayed: postgres"),
        (postgres_restart, "not running: postgres"),
        (pool_exhausted, "paused: postgres"),
        (system_restart, "not running: postgres, redis, backend, worker-1"),
    ],
    ids=lambda value: getattr(value, "__name__", value).rpartition(".")[2],
)
def test_a_fault_goes_in_comes_out_and_the_exam_goes_on(
    described: ModuleType, remains: str, site: Site, sitting: Sitting
) -> None:
    continuity = Continuity.begin(site, sitting)
    fault = described.describe(site).fault(site)
    undo = fault.undo.resolve()
    assert undo.remains(site.runtime) is None
    fault.inject()
    try:
        assert undo.remains(site.runtime) == remains
    finally:
        undo.carry_out(site.runtime)
    assert undo.remains(site.runtime) is None
    assert [probe for probe in continuity.finish() if not probe.passed] == []


def test_redis_is_emptied_and_nothing_else_is_touched(site: Site, linked: Platform) -> None:
    with site.cache() as connection:
        connection.set("left", "over")
    fault = redis_emptied.describe(site).fault(site)
    fault.inject()
    with site.cache() as connection:
        assert connection.get("left") is None
    assert fault.undo.resolve().remains(site.runtime) is None
    assert site.runtime.running("redis")
