"""While Redis is away exam mode is read once, and protected operations are called once if it is on."""

import re
from typing import Any, cast

import pytest

from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.evidence.probe import Probe
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.exam_mode.exam_mode_without_redis import note_exam_mode, still_in_exam_mode
from pytest_examday.suites.exam.probe_names import STAYS_DURING
from pytest_examday.target.api import LoginResult
from tests import builders

from .fakes import ACCEPTED, FakePlatform, frozen

_LINE = "redis-outage-exam-mode-stays"
_BROKEN: tuple[int, dict[str, Any]] = (503, {"detail": "no Redis"})


def _tried(platform: FakePlatform, **without_redis: object) -> list[Probe]:
    """The probes of a platform that changes in this way when Redis is away."""
    prober = ProbeCandidate(platform.target, cast("LoginResult", None))
    note_exam_mode(platform.target, prober)
    platform.called.clear()
    for name, value in without_redis.items():
        setattr(platform, name, value)
    return list(still_in_exam_mode(platform.target, prober))


def _after_phase_1(**described: Any) -> FakePlatform:
    platform = FakePlatform(**described)
    platform.frozen = frozen(platform)
    return platform


def _results(probes: list[Probe]) -> list[tuple[str, bool | None]]:
    return [(probe.name, probe.passed) for probe in probes]


def _drill(probes: list[Probe]) -> DrillEvidence:
    """A drill in which everything else that was tried worked."""
    others = [one for one in builders.drill("drill_redis_outage").probes if one.name not in STAYS_DURING]
    return builders.drill("drill_redis_outage", probes=(*others, *probes))


def _judged(probes: list[Probe]) -> tuple[str, str]:
    """The outcomes of the line and of its gate. The line on everything else that was tried passes."""
    made = builders.judged(drill_redis_outage=_drill(probes))
    assert made.lines["redis-outage-expected-behavior"].outcome == "pass"
    return made.lines[_LINE].outcome, made.gates["failures-handled"].outcome


def _reason(probes: list[Probe]) -> str:
    return builders.line(_LINE, drill_redis_outage=_drill(probes)).reason


def test_a_platform_that_stays_in_exam_mode_passes() -> None:
    made = _tried(_after_phase_1())
    assert _results(made) == [("exam mode during", True), ("protected operations during", True)]
    assert _judged(made) == ("pass", "pass")
    assert _reason(made).startswith("exam mode during: on in 1 of 1 readings; protected operations during: ")


def test_a_protected_operation_that_is_accepted_without_redis_fails() -> None:
    made = _tried(_after_phase_1(), protected_answers=lambda platform, worker, protected: ACCEPTED)
    assert _results(made) == [("exam mode during", True), ("protected operations during", False)]
    assert _judged(made) == ("fail", "fail")


def test_exam_mode_that_is_off_without_redis_fails_and_nothing_is_called() -> None:
    platform = _after_phase_1()
    made = _tried(platform, off=platform.workers)
    assert _results(made) == [("exam mode during", False)]
    assert _judged(made) == ("fail", "fail")
    assert re.fullmatch("drill_redis_outage: exam mode during: off in worker-[12]", _reason(made))
    assert not platform.called


def test_exam_mode_that_cannot_be_read_without_redis_leaves_the_gate_as_it_is_and_nothing_is_called() -> None:
    platform = _after_phase_1()
    made = _tried(platform, reads=_BROKEN)
    assert _results(made) == [("exam mode during", None)]
    assert _judged(made) == ("inconclusive", "pass")
    assert _reason(made).startswith(
        "drill_redis_outage: exam mode during could not be tried: it could not be read without Redis, so no protected "
        "operation was called ("
    )
    assert "HTTP 503" in _reason(made)
    assert not platform.called


def test_a_reading_that_fails_just_before_the_fault_too_is_inconclusive_if_phase_1_could_read() -> None:
    platform = _after_phase_1()
    platform.reads = _BROKEN
    assert _judged(_tried(platform)) == ("inconclusive", "pass")


@pytest.mark.parametrize("phase_1", [True, False], ids=["after phase 1", "without phase 1"])
@pytest.mark.parametrize("before", [{"reads": _BROKEN}, {"off": ("worker-1", "worker-2")}], ids=["unreadable", "off"])
def test_exam_mode_that_was_off_or_unreadable_before_accuses_no_outage(before: dict[str, Any], phase_1: bool) -> None:
    platform = _after_phase_1(**before) if phase_1 else FakePlatform(**before)
    made = _tried(platform)
    assert made == []
    assert _judged(made) == ("inconclusive", "pass")
    assert _reason(made) == (
        "drill_redis_outage: nothing was tried, because exam mode was not seen to be on before the fault"
    )
