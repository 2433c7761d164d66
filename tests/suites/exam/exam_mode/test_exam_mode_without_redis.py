"""While Redis is away exam mode is read once, and protected operations are called once if it is on."""

from typing import Any, cast

import pytest

from pytest_examday.evidence.probe import Probe
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.exam_mode.exam_mode_without_redis import note_exam_mode, still_in_exam_mode
from pytest_examday.target.api import LoginResult
from tests import builders

from .fakes import ACCEPTED, FakePlatform, frozen

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


def _line(probes: list[Probe]) -> str:
    drill = builders.drill("drill_redis_outage", probes=(*builders.drill("drill_redis_outage").probes, *probes))
    return builders.line("redis-outage-expected-behavior", drill_redis_outage=drill).outcome


def test_a_platform_that_stays_in_exam_mode_passes() -> None:
    made = _tried(_after_phase_1())
    assert _results(made) == [("exam mode during", True), ("protected operations during", True)]
    assert _line(made) == "pass"


def test_a_protected_operation_that_is_accepted_without_redis_fails() -> None:
    made = _tried(_after_phase_1(), protected_answers=lambda platform, worker, protected: ACCEPTED)
    assert _results(made) == [("exam mode during", True), ("protected operations during", False)]
    assert _line(made) == "fail"


def test_exam_mode_that_is_off_without_redis_fails_and_nothing_is_called() -> None:
    platform = _after_phase_1()
    made = _tried(platform, off=platform.workers)
    assert _results(made) == [("exam mode during", False)]
    assert _line(made) == "fail"
    assert not platform.called


def test_exam_mode_that_cannot_be_read_without_redis_is_inconclusive_and_nothing_is_called() -> None:
    platform = _after_phase_1()
    made = _tried(platform, reads=_BROKEN)
    assert _results(made) == [("exam mode during", None)]
    assert _line(made) == "inconclusive"
    assert not platform.called


def test_a_reading_that_fails_just_before_the_fault_too_is_inconclusive_if_phase_1_could_read() -> None:
    platform = _after_phase_1()
    platform.reads = _BROKEN
    assert _line(_tried(platform)) == "inconclusive"


@pytest.mark.parametrize("phase_1", [True, False], ids=["after phase 1", "without phase 1"])
@pytest.mark.parametrize("before", [{"reads": _BROKEN}, {"off": ("worker-1", "worker-2")}], ids=["unreadable", "off"])
def test_exam_mode_that_was_off_or_unreadable_before_accuses_no_outage(before: dict[str, Any], phase_1: bool) -> None:
    platform = _after_phase_1(**before) if phase_1 else FakePlatform(**before)
    assert _tried(platform) == []
