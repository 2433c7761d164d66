"""The drills that a profile may add: each is described, and asks the runtime before anything is touched."""

from dataclasses import replace

import pytest

from pytest_examday.config.drills import DRILL_NAMES
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.drills.catalogue import CATALOGUE, Described
from pytest_examday.target.target import Target
from tests.drills.fake_platform import FakePlatform

_NO_LINK = "there is no link in front of {} to be delayed; start the embedded platform with --links"
_NO_PROXY = "the embedded platform has no proxy; start it with --proxy"
IMPOSSIBLE = {
    "network_delay": "; ".join(
        [
            "backend of the embedded platform shares this machine's network, which is not to be delayed",
            _NO_PROXY,
            _NO_LINK.format("redis"),
            _NO_LINK.format("postgres"),
        ]
    ),
    "slow_database": _NO_LINK.format("postgres"),
    "proxy_restart": _NO_PROXY,
    "redis_emptied": "Redis cannot be reached: ",
}
"""On a platform without links and proxy, whose Redis does not answer."""
POSSIBLE = [one for one in CATALOGUE if one.name not in IMPOSSIBLE]


def test_all_drills_of_the_configuration_are_described_in_running_order() -> None:
    assert [one.name for one in CATALOGUE] == list(DRILL_NAMES)
    assert [one.phase for one in CATALOGUE] == [3] * 10 + [7]


@pytest.mark.parametrize("described", CATALOGUE, ids=lambda one: str(one.name))
def test_a_description_has_the_name_of_its_evidence_and_a_scenario(described: Described, target: Target) -> None:
    drill = described.describe(target)
    assert drill.activity == described.activity == f"drill_{described.name}"
    assert drill.scenario
    assert drill.continues, "session continuity is asked of every drill"


@pytest.mark.parametrize("described", POSSIBLE, ids=lambda one: str(one.name))
def test_a_fault_that_is_possible_is_not_in_before_it_is_held(
    described: Described, fake: FakePlatform, target: Target
) -> None:
    fault = described.describe(target).fault(target)
    assert fault.undo.resolve().by_hand()
    assert fake.asked == []
    assert all(fake.running.values())


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_the_platform_does_not_offer_is_told_before_anything_is_touched(
    name: str, fake: FakePlatform, target: Target
) -> None:
    described = next(one for one in CATALOGUE if one.name == name)
    with pytest.raises(Unmeasurable) as reason:
        described.gather(target)
    assert str(reason.value).startswith(IMPOSSIBLE[name])
    assert fake.asked == []
    assert not (target.run.directory / ".accounts").exists(), "candidates were taken"


def test_everything_is_stopped_from_the_front_and_started_from_the_back(fake: FakePlatform, target: Target) -> None:
    described = next(one for one in CATALOGUE if one.name == "system_restart")
    fault = described.describe(target).fault(target)
    fault.inject()
    assert fake.asked == ["stop backend", "stop redis", "stop postgres"]
    undo = fault.undo.resolve()
    assert undo.remains(target.runtime) == "not running: postgres, redis, backend, worker-1, worker-2"
    assert undo.by_hand() == "start postgres, then redis, then backend"
    undo.carry_out(target.runtime)
    assert fake.asked[3:] == ["start postgres", "start redis", "start backend"]
    assert undo.remains(target.runtime) is None


@pytest.mark.parametrize("name", ["worker_restart", "worker_pause"])
def test_one_of_several_workers_needs_another_one(
    name: str, target: Target, fake: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(target.runtime), "workers", lambda runtime: ("worker-1",))
    described = next(one for one in CATALOGUE if one.name == name)
    with pytest.raises(Unmeasurable, match=r"one of several workers is to be .*, and the platform has 1"):
        described.gather(target)


@pytest.mark.parametrize(("hold_seconds", "longest_thought", "held"), [(5, 20, 21), (60, 20, 60)])
def test_expired_tokens_are_held_until_everybody_has_sent_something(
    hold_seconds: float, longest_thought: float, held: float, target: Target
) -> None:
    """A token that is first used after the recovery would be refused then, and counted against the recovery."""
    profile = target.environment.profile
    habits = profile.drill.habits.model_copy(update={"think_seconds": (0.5, longest_thought)})
    drill = profile.drill.model_copy(update={"hold_seconds": hold_seconds, "habits": habits})
    profile = profile.model_copy(update={"drill": drill})
    target = replace(target, environment=target.environment.model_copy(update={"profile": profile}))
    described = next(one for one in CATALOGUE if one.name == "tokens_expired")
    assert described.describe(target).hold_seconds == held
