"""In the middle of a load exam mode and protected operations are tried once."""

import pytest

from pytest_examday.suites.exam.exam_mode import exam_mode_meanwhile
from pytest_examday.suites.exam.exam_mode.exam_mode_meanwhile import ExamModeMeanwhile
from tests import builders

from .fakes import ACCEPTED, FakePlatform, frozen

_LOAD_SECONDS = 5.0


def _after_phase_1(platform: FakePlatform) -> FakePlatform:
    platform.frozen = frozen(platform)
    platform.called.clear()
    return platform


def _judged(platform: FakePlatform, after: float = 0.0, lasts: float = _LOAD_SECONDS) -> tuple[str, str]:
    """Outcome and reason of the gate, if the load tries this platform after so many seconds."""
    with ExamModeMeanwhile(platform.target, after) as meanwhile:
        meanwhile.wait(lasts)
    line = builders.line("protected-operations-stay-refused", load=builders.load(exam_mode_meanwhile=meanwhile.seen))
    return line.outcome, line.reason


def test_each_protected_operation_is_called_once_with_each_of_its_bodies() -> None:
    platform = _after_phase_1(FakePlatform())
    assert _judged(platform)[0] == "pass"
    assert platform.called.total() == sum(len(one.operations) for one in platform.protected)


def test_protected_operations_that_are_open_during_the_load_are_found() -> None:
    platform = _after_phase_1(FakePlatform())
    platform.protected_answers = lambda platform, worker, protected: ACCEPTED
    outcome, reason = _judged(platform)
    assert outcome == "fail"
    assert reason.startswith("during the load: protected operations after: BKT recompute: HTTP 202")


def test_exam_mode_that_is_off_during_the_load_is_found_and_nothing_is_called() -> None:
    platform = _after_phase_1(FakePlatform())
    platform.off = platform.workers
    outcome, reason = _judged(platform)
    assert outcome == "fail"
    assert reason.startswith("during the load: exam mode after: off in worker-")
    assert platform.called.total() == 0


def test_a_load_that_ends_before_leaves_it_open() -> None:
    platform = _after_phase_1(FakePlatform())
    outcome, reason = _judged(platform, after=60.0, lasts=0.0)
    assert (outcome, "the load had ended before" in reason) == ("inconclusive", True), reason
    assert platform.called.total() == 0


def test_a_load_that_ends_early_is_the_reason_why_nothing_was_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    platform = _after_phase_1(FakePlatform())
    without = platform.contract.model_copy(update={"exam_mode": None})
    monkeypatch.setattr(FakePlatform, "contract", without)
    outcome, reason = _judged(platform, after=60.0, lasts=0.0)
    assert (outcome, "the load had ended before" in reason) == ("inconclusive", True), reason


def test_what_the_thread_raises_is_raised_where_the_load_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(target: object) -> None:
        raise RuntimeError("no disk")

    monkeypatch.setattr(exam_mode_meanwhile, "exam_mode_once", crash)
    platform = FakePlatform()
    with pytest.raises(RuntimeError, match="no disk"), ExamModeMeanwhile(platform.target, 0.0) as meanwhile:
        meanwhile.wait()
