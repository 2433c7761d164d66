"""What drills try beside their candidates, on a real platform."""

import itertools
import os
from pathlib import Path
from typing import Any

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.config.runtimes import EmbeddedSettings
from pytest_examday.drills.drill import Drill
from pytest_examday.errors import Unmeasurable
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
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
from pytest_examday.suites.exam.probes.drill_probes import (
    Continuity,
    log_in_and_sit_exam,
    others_serve,
    reloads_are_fresh,
    retry,
)
from pytest_examday.target.api import Api, Reply
from pytest_examday.target.target import Target
from tests.platform.platform_harness import Platform

_numbers = itertools.count(1)


@pytest.fixture
def target(linked: Platform, tmp_path: Path) -> Target:
    """Attached to a platform."""
    runtime = EmbeddedSettings(kind="embedded", state=linked.directory / "platform.json")
    environment = Environment(name="staging", runtime=runtime, allow=("read", "write", "disrupt"))
    return Target(environment, RunFiles(tmp_path, Redactor()), os.getpid())


@pytest.fixture
def candidate(target: Target) -> ProbeCandidate:
    """A candidate who has logged in: another one for each test, as ten times a minute are enough for one e-mail."""
    return ProbeCandidate.begin(target, target.accounts.take(next(_numbers))[-1])


def test_everything_that_is_tried_works_on_a_healthy_platform(target: Target, candidate: ProbeCandidate) -> None:
    made = [*others_serve(target, candidate), *retry(target, candidate), *log_in_and_sit_exam(target, candidate)]
    made += reloads_are_fresh(target, candidate)
    assert [probe.name for probe in made] == [
        *("others serve", "retry", "login during", "refresh during"),
        *("create during", "answer during", "submit during", "reload during"),
    ]
    assert [probe for probe in made if not probe.passed] == []


def test_an_exam_begun_before_is_resumed_and_submitted_after(target: Target, candidate: ProbeCandidate) -> None:
    continuity = Continuity.begin(target, candidate)
    made = continuity.finish()
    assert [probe.name for probe in made] == ["begin before", "answer before", "resume after", "submit after"]
    assert all(probe.passed for probe in made)


def test_an_exam_whose_acknowledged_answer_is_gone_is_not_resumed(
    target: Target, candidate: ProbeCandidate, linked: Platform
) -> None:
    continuity = Continuity.begin(target, candidate)
    linked.tamper("DELETE FROM session_answers WHERE session_id = %s", continuity.candidate.session_id)
    resumed = next(probe for probe in continuity.finish() if probe.name == "resume after")
    assert not resumed.passed
    assert "shows {}, acknowledged was {" in resumed.detail


def test_an_exam_that_is_refused_for_good_is_tried_once(
    target: Target, candidate: ProbeCandidate, linked: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    continuity = Continuity.begin(target, candidate)
    linked.tamper(
        "UPDATE exam_sessions SET user_id = (SELECT id FROM users WHERE id <> user_id LIMIT 1) WHERE id = %s",
        continuity.candidate.session_id,
    )
    sent: list[str] = []
    call = Api.call

    def counted(api: Api, operation: str, *arguments: Any, **named: Any) -> Reply:
        sent.append(operation)
        return call(api, operation, *arguments, **named)

    monkeypatch.setattr(Api, "call", counted)
    made = {probe.name: probe.status for probe in continuity.finish()}
    assert (made["resume after"], made["submit after"]) == (404, 404)
    assert sent == ["read", "submit"]


@pytest.mark.parametrize(
    ("drill", "remains"),
    [
        (network_delay.DRILL, "delayed: proxy"),
        (proxy_restart.DRILL, "not running: proxy"),
        (slow_database.DRILL, "delayed: postgres"),
        (postgres_restart.DRILL, "not running: postgres"),
        (pool_exhausted.DRILL, "paused: postgres"),
        (system_restart.DRILL, "not running: postgres, redis, proxy, backend, worker-1"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_fault_goes_in_comes_out_and_the_exam_goes_on(
    drill: Drill, remains: str, target: Target, candidate: ProbeCandidate
) -> None:
    continuity = Continuity.begin(target, candidate)
    fault = drill.fault(target)
    undo = fault.undo.resolve()
    assert undo.remains(target.runtime) is None
    fault.inject()
    try:
        assert undo.remains(target.runtime) == remains
    finally:
        undo.carry_out(target.runtime)
    assert undo.remains(target.runtime) is None
    assert [probe for probe in continuity.finish() if not probe.passed] == []


def test_a_candidate_whose_token_has_expired_enters_again_and_sits_an_exam(
    target: Target, candidate: ProbeCandidate
) -> None:
    continuity, before = Continuity.begin(target, candidate), candidate.login
    drill = tokens_expired.DRILL
    drill.fault(target).inject()
    made = [*drill.during(target, candidate), *continuity.finish()]
    assert [probe.name for probe in made[:3]] == ["old token refused", "entered again during", "login during"]
    assert made[0].status == 401
    assert [probe for probe in made if not probe.passed] == []
    assert candidate.login.access_token != before.access_token
    assert candidate.login.refresh_token != before.refresh_token


def test_an_exam_is_resumed_by_logging_in_where_the_refresh_token_has_ended_too(
    target: Target, candidate: ProbeCandidate, linked: Platform
) -> None:
    continuity = Continuity.begin(target, candidate)
    tokens_expired.DRILL.fault(target).inject()
    linked.tamper("UPDATE refresh_tokens SET revoked_at = now()")
    assert [probe for probe in continuity.finish() if not probe.passed] == []


def test_tokens_that_stay_good_have_not_expired(
    target: Target, candidate: ProbeCandidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens_expired, "_FELT_SECONDS", 0.3)
    with pytest.raises(
        Unmeasurable, match="the job expire_tokens was run and a token from before it is still accepted"
    ):
        tokens_expired.DRILL.during(target, candidate)


def test_keys_of_a_redis_that_was_not_emptied_are_still_there(target: Target) -> None:
    (sense,) = redis_emptied.DRILL.fault(target).senses
    sense.prepare()
    assert sense.observe() == (False, "a key that was set before is still there")


def test_an_empty_redis_has_nothing_to_lose(target: Target) -> None:
    fault = redis_emptied.DRILL.fault(target)
    fault.inject()
    fault.senses[0].prepare()
    fault.inject()
    assert fault.senses[0].observe() == (
        False,
        "it held no key before, so the platform keeps nothing there that it could lose",
    )


def test_redis_is_emptied_and_nothing_else_is_touched(target: Target, linked: Platform) -> None:
    with target.connections.cache() as connection:
        connection.set("left", "over")
    fault = redis_emptied.DRILL.fault(target)
    fault.inject()
    with target.connections.cache() as connection:
        assert connection.get("left") is None
    assert fault.undo.resolve().remains(target.runtime) is None
    assert target.runtime.running("redis")
