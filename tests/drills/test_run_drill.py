"""A drill from steady state to evidence; candidates and probes are stood in for, the fault and its end are real."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pytest_examday.drills.drill import Drill
from pytest_examday.drills.run_drill import run_drill
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.evidence.figures import RequestOutcome
from pytest_examday.evidence.probe import Probe
from pytest_examday.target.target import Target
from tests.drills.fake_workload import FakeActors, FakeWorkload
from tests.drills.redis_drill import redis_drill
from tests.faults.fake_platform import FakePlatform

QUICK = {"candidates": 2, "steady_seconds": 0.1, "hold_seconds": 0.5, "settle_seconds": 0.3}


@pytest.fixture
def target(target: Target) -> Target:
    """A run whose drills last a moment."""
    profile = target.environment.profile
    quick = profile.model_copy(update={"drill": profile.drill.model_copy(update=QUICK)})
    return replace(target, environment=target.environment.model_copy(update={"profile": quick}))


@pytest.fixture
def outcomes() -> dict[str, RequestOutcome]:
    """How requests end while Redis runs and while it does not."""
    return {"up": "ok", "down": "ok"}


@pytest.fixture
def workload(fake: FakePlatform, outcomes: dict[str, RequestOutcome]) -> FakeWorkload:
    """Actors whose requests end so."""
    return FakeWorkload(FakeActors(lambda: outcomes["up" if fake.running["redis"] else "down"]))


def _run(target: Target, workload: FakeWorkload, drill: Drill) -> DrillEvidence:
    return run_drill(target, drill, lambda target, drill: workload)


def _probing(name: str, fake: FakePlatform) -> Callable[..., tuple[Probe, ...]]:
    return lambda *given: (Probe(name=name, passed=True, detail="up" if fake.running["redis"] else "down"),)


def _drill(fake: FakePlatform, **fields: Any) -> Drill:
    """One that tries something before, during and after its fault."""
    probes = {name: _probing(name, fake) for name in ("before", "during", "after")}
    return redis_drill(**{**probes, **fields})


def test_what_is_tried_before_during_and_after_meets_the_fault_in_between(
    fake: FakePlatform, target: Target, workload: FakeWorkload
) -> None:
    found = _run(target, workload, _drill(fake, outage=True, cuts_connections=True))
    assert [(probe.name, probe.detail) for probe in found.probes] == [
        ("before", "up"),
        ("during", "down"),
        ("after", "up"),
    ]
    assert (found.outage, found.stopped_because, found.fault_gone) == (True, None, True)
    assert 0.5 <= found.held_seconds < 5
    assert found.before.ended == found.injected
    assert found.during.overall.judged > 0


def test_a_restart_lasts_as_long_as_what_is_tried(fake: FakePlatform, target: Target, workload: FakeWorkload) -> None:
    assert _run(target, workload, _drill(fake, outage=True, hold_seconds=0.0)).held_seconds < 0.5


def test_what_was_begun_before_is_finished_after(fake: FakePlatform, target: Target, workload: FakeWorkload) -> None:
    workload.finished = _probing("resume after", fake)()
    probes = _run(target, workload, _drill(fake, outage=True, continues=True)).probes
    assert [probe.name for probe in probes] == ["before", "during", "after", "resume after"]
    probes = _run(target, workload, _drill(fake, outage=True)).probes
    assert [probe.name for probe in probes] == ["before", "during", "after"], "nothing was begun"


def test_actors_are_told_to_finish_before_they_are_ended(
    fake: FakePlatform, target: Target, workload: FakeWorkload
) -> None:
    found = _run(target, workload, _drill(fake, outage=True))
    assert workload.actors.begun == ["started", "told to finish", "ended"]
    assert [(one.name, one.seconds is not None) for one in found.recoveries] == [
        *(("first", True), ("second", True), ("database", True), ("cache", True), ("worker-1", True))
    ]
    assert found.reconciliation is None, "what cannot be compared is not made up"


def test_harm_is_told_in_the_evidence_and_ends_the_hold(
    fake: FakePlatform, target: Target, workload: FakeWorkload, outcomes: dict[str, RequestOutcome]
) -> None:
    outcomes["down"] = "server_error"
    found = _run(target, workload, _drill(fake, hold_seconds=60.0))
    assert found.stopped_because is not None
    assert "requests failed, limit 50%" in found.stopped_because
    assert found.held_seconds < 10
    assert found.fault_gone
    assert fake.running["redis"]


def test_no_drill_is_made_on_a_sick_platform(
    fake: FakePlatform, target: Target, workload: FakeWorkload, outcomes: dict[str, RequestOutcome]
) -> None:
    outcomes["up"] = "server_error"
    with pytest.raises(Unmeasurable, match="no drill on a platform that is not in its steady state"):
        _run(target, workload, _drill(fake))
    assert fake.asked == []


def test_a_fault_that_does_not_go_is_told_in_the_evidence(
    fake: FakePlatform, target: Target, workload: FakeWorkload
) -> None:
    def breaks(*given: object) -> tuple[Probe, ...]:
        fake.refuses = "out of memory"
        return ()

    thresholds = target.environment.thresholds.model_copy(update={"recovery_seconds": 1.0})
    target = replace(target, environment=target.environment.model_copy(update={"thresholds": thresholds}))
    found = _run(target, workload, _drill(fake, during=breaks, outage=True))
    assert not found.fault_gone
    assert found.fault_gone_detail.startswith("not running: redis")
