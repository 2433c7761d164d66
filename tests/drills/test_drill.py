"""A drill from steady state to evidence; candidates and probes are stood in for, the fault and its end are real."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import pytest

from pytest_examday.drills import running
from pytest_examday.drills.drill import Drill
from pytest_examday.drills.running import run_drill
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.figures import CandidateFate, Outcome
from pytest_examday.evidence.phases import Probe, Recovery
from pytest_examday.faults.fault import service_down
from pytest_examday.load.samples import Sample
from pytest_examday.target.target import Target
from tests import builders
from tests.drills.fake_platform import FakePlatform

QUICK = {"candidates": 2, "steady_seconds": 0.1, "hold_seconds": 0.5, "settle_seconds": 0.3}


class _Crowd:
    """Candidates whose requests end as the test says, ten a look."""

    activity = "drill_worker_restart"
    alive = True
    ledgers = ("drill.ledger.jsonl",)
    samples_files = (Path("drill.samples.jsonl"),)

    def __init__(self, outcome: Callable[[], Outcome]) -> None:
        self._outcome = outcome
        self._sent: list[Sample] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ended: object) -> None:
        """Nothing runs."""

    def samples(self) -> Iterator[Sample]:
        self._new()
        return iter(self._sent)

    def follow(self) -> Callable[[], list[Sample]]:
        return self._new

    def _new(self) -> list[Sample]:
        now = time.time()
        new = [Sample("answer", f"c{n}", now, 1.0, 200, self._outcome(), "ed-1") for n in range(10)]
        self._sent += new
        return new

    def writes(self) -> Iterator[Any]:
        return iter(())

    def fates(self) -> tuple[CandidateFate, ...]:
        return (builders.fate("cyd"),)

    def wait_for_work(self, seconds: float) -> None:
        """They work."""

    def wait(self, seconds: float) -> None:
        """They are done."""

    finish = __exit__


@pytest.fixture
def target(target: Target) -> Target:
    """A run whose drills last a moment."""
    profile = target.environment.profile
    quick = profile.model_copy(update={"drill": profile.drill.model_copy(update=QUICK)})
    return replace(target, environment=target.environment.model_copy(update={"profile": quick}))


@pytest.fixture
def outcomes(fake: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> dict[str, Outcome]:
    """How requests end while Redis runs and while it does not."""
    found: dict[str, Outcome] = {"up": "ok", "down": "ok"}
    crowd = _Crowd(lambda: found["up" if fake.running["redis"] else "down"])
    recovered = (Recovery(name="ready", seconds=0.1, detail="HTTP 200"),)
    monkeypatch.setattr(running, "drill_load", lambda *arguments: crowd)
    monkeypatch.setattr("pytest_examday.suites.exam.sitting.Sitting.begin", lambda target, account: None)
    monkeypatch.setattr(running, "reachable_stores", lambda target: ())
    monkeypatch.setattr(running, "measure_recovery", lambda *arguments: recovered)
    return found


def _probing(name: str, fake: FakePlatform) -> Callable[..., tuple[Probe, ...]]:
    return lambda *given: (Probe(name=name, passed=True, detail="up" if fake.running["redis"] else "down"),)


def _drill(fake: FakePlatform, **fields: Any) -> Drill:
    return Drill(
        activity="drill_worker_restart",
        scenario="Redis stopped",
        fault=lambda target: service_down(target, "Redis stopped", "redis", abruptly=False),
        before=_probing("before", fake),
        during=_probing("during", fake),
        after=_probing("after", fake),
        **fields,
    )


@pytest.mark.usefixtures("outcomes")
def test_what_is_tried_before_during_and_after_meets_the_fault_in_between(fake: FakePlatform, target: Target) -> None:
    found = run_drill(target, _drill(fake, outage=True, cuts_connections=True))
    assert [(probe.name, probe.detail) for probe in found.probes] == [
        ("before", "up"),
        ("during", "down"),
        ("after", "up"),
    ]
    assert (found.outage, found.stopped, found.fault_gone) == (True, None, True)
    assert found.held_seconds >= 0.5
    assert found.before.ended == found.injected
    assert found.during.overall.judged > 0


@pytest.mark.usefixtures("outcomes")
def test_a_restart_lasts_as_long_as_what_is_tried(fake: FakePlatform, target: Target) -> None:
    profile = target.environment.profile
    patient = profile.model_copy(update={"drill": profile.drill.model_copy(update={"hold_seconds": 120})})
    target = replace(target, environment=target.environment.model_copy(update={"profile": patient}))
    assert run_drill(target, _drill(fake, outage=True, hold_seconds=0.0)).held_seconds < 120


@pytest.mark.usefixtures("outcomes")
def test_an_exam_begun_before_is_finished_after(
    fake: FakePlatform, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Begun:
        begin = classmethod(lambda kind, target, sitting: kind())
        finish = staticmethod(_probing("resume after", fake))

    monkeypatch.setattr(running, "Continuity", Begun)
    probes = run_drill(target, _drill(fake, outage=True, continues=True)).probes
    assert [probe.name for probe in probes] == ["before", "during", "after", "resume after"]


def test_harm_is_told_in_the_evidence_and_ends_the_hold(
    fake: FakePlatform, target: Target, outcomes: dict[str, Outcome]
) -> None:
    outcomes["down"] = "server_error"
    found = run_drill(target, _drill(fake, hold_seconds=60.0))
    assert found.stopped is not None
    assert "requests failed, limit 50%" in found.stopped
    assert found.held_seconds < 60
    assert found.fault_gone
    assert fake.running["redis"]


def test_no_drill_is_made_on_a_sick_platform(fake: FakePlatform, target: Target, outcomes: dict[str, Outcome]) -> None:
    outcomes["up"] = "server_error"
    with pytest.raises(Unmeasurable, match="no drill on a sick platform"):
        run_drill(target, _drill(fake))
    assert fake.asked == []


@pytest.mark.usefixtures("outcomes")
def test_a_fault_that_does_not_go_is_told_in_the_evidence(fake: FakePlatform, target: Target) -> None:
    def breaks(*given: object) -> tuple[Probe, ...]:
        fake.refuses = "out of memory"
        return ()

    thresholds = target.environment.thresholds.model_copy(update={"recovery_seconds": 1.0})
    target = replace(target, environment=target.environment.model_copy(update={"thresholds": thresholds}))
    found = run_drill(target, Drill("x", "Redis stopped", _drill(fake).fault, during=breaks, outage=True))
    assert not found.fault_gone
    assert found.fault_gone_detail.startswith("not running: redis")
