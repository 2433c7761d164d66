"""What drills try beside their candidates, on a real platform."""

import itertools
import os
from pathlib import Path
from types import ModuleType

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.config.runtimes import PlatformRuntime
from pytest_examday.errors import Unmeasurable
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.suites.exam.drills import (
    network_delay,
    pool_exhausted,
    postgres_restart,
    proxy_restart,
    redis_emptied,
    slow_database,
    system_restart,
    tokens_expired,
)
from pytest_examday.suites.exam.probes import (
    Continuity,
    enter_and_sit,
    others_serve,
    retry,
)
from pytest_examday.suites.exam.sitting import Sitting
from pytest_examday.target.target import Target
from tests.platform.platform_harness import Platform

_numbers = itertools.count(1)


@pytest.fixture
def target(linked: Platform, tmp_path: Path) -> Target:
    """Attached to a platform."""
    runtime = PlatformRuntime(kind="platform", state=linked.directory / "platform.json")
    environment = Environment(name="staging", runtime=runtime, allow=("read", "write", "disrupt"))
    return Target(environment, RunFiles(tmp_path, Redactor()), os.getpid())


@pytest.fixture
def sitting(target: Target) -> Sitting:
    """A candidate who has logged in: another one for each test, as ten times a minute are enough for one e-mail."""
    return Sitting.begin(target, target.accounts.take(next(_numbers))[-1])


def test_everything_that_is_tried_works_on_a_healthy_platform(target: Target, sitting: Sitting) -> None:
    made = [*others_serve(target, sitting), *retry(target, sitting), *enter_and_sit(target, sitting)]
    assert [probe.name for probe in made] == [
        *("others serve", "retry", "login during", "refresh during"),
        *("create during", "answer during", "submit during"),
    ]
    assert [probe for probe in made if not probe.passed] == []


def test_an_exam_begun_before_is_resumed_and_submitted_after(target: Target, sitting: Sitting) -> None:
    continuity = Continuity.begin(target, sitting)
    made = continuity.finish()
    assert [probe.name for probe in made] == ["begin before", "answer before", "resume after", "submit after"]
    assert all(probe.passed for probe in made)


def test_an_exam_whose_acknowledged_answer_is_gone_is_not_resumed(
    target: Target, sitting: Sitting, linked: Platform
) -> None:
    continuity = Continuity.begin(target, sitting)
    linked.tamper("DELETE FROM session_answers WHERE session_id = %s", continuity.sitting.session_id)
    resumed = next(probe for probe in continuity.finish() if probe.name == "resume after")
    assert not resumed.passed
    assert "shows {}, acknowledged was {" in resumed.detail


@pytest.mark.parametrize(
    ("described", "remains"),
    [
        (network_delay, "delayed: proxy"),
        (proxy_restart, "not running: proxy"),
        (slow_database, "delayed: postgres"),
        (postgres_restart, "not running: postgres"),
        (pool_exhausted, "paused: postgres"),
        (system_restart, "not running: postgres, redis, proxy, backend, worker-1"),
    ],
    ids=lambda value: getattr(value, "__name__", value).rpartition(".")[2],
)
def test_a_fault_goes_in_comes_out_and_the_exam_goes_on(
    described: ModuleType, remains: str, target: Target, sitting: Sitting
) -> None:
    continuity = Continuity.begin(target, sitting)
    fault = described.describe(target).fault(target)
    undo = fault.undo.resolve()
    assert undo.remains(target.runtime) is None
    fault.inject()
    try:
        assert undo.remains(target.runtime) == remains
    finally:
        undo.carry_out(target.runtime)
    assert undo.remains(target.runtime) is None
    assert [probe for probe in continuity.finish() if not probe.passed] == []


def test_a_candidate_whose_token_has_expired_enters_again_and_sits_an_exam(target: Target, sitting: Sitting) -> None:
    continuity, before = Continuity.begin(target, sitting), sitting.login
    drill = tokens_expired.describe(target)
    drill.fault(target).inject()
    made = [*drill.during(target, sitting), *continuity.finish()]
    assert [probe.name for probe in made[:3]] == ["old token refused", "entered again during", "login during"]
    assert made[0].status == 401
    assert [probe for probe in made if not probe.passed] == []
    assert sitting.login.access_token != before.access_token
    assert sitting.login.refresh_token != before.refresh_token


def test_an_exam_is_resumed_by_logging_in_where_the_refresh_token_has_ended_too(
    target: Target, sitting: Sitting, linked: Platform
) -> None:
    continuity = Continuity.begin(target, sitting)
    tokens_expired.describe(target).fault(target).inject()
    linked.tamper("UPDATE refresh_tokens SET revoked_at = now()")
    assert [probe for probe in continuity.finish() if not probe.passed] == []


def test_tokens_that_stay_good_have_not_expired(
    target: Target, sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens_expired, "_FELT_SECONDS", 0.3)
    with pytest.raises(
        Unmeasurable, match="the job expire_tokens was run and a token from before it is still accepted"
    ):
        tokens_expired.describe(target).during(target, sitting)


def test_redis_is_emptied_and_nothing_else_is_touched(target: Target, linked: Platform) -> None:
    with target.connections.cache() as connection:
        connection.set("left", "over")
    fault = redis_emptied.describe(target).fault(target)
    fault.inject()
    with target.connections.cache() as connection:
        assert connection.get("left") is None
    assert fault.undo.resolve().remains(target.runtime) is None
    assert target.runtime.running("redis")
