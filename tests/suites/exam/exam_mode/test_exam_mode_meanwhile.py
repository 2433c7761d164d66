"""In the middle of a load exam mode and protected operations are tried once."""

import pytest

from pytest_examday.suites.exam.evidence import ExamModeFlag
from pytest_examday.suites.exam.exam_mode import exam_mode_meanwhile, read_exam_mode
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


def _calls_needed(platform: FakePlatform) -> int:
    """One for each body of each protected operation."""
    return sum(len(one.operations) for one in platform.protected)


@pytest.mark.parametrize("names", [True, False], ids=["readings name workers", "readings name none"])
@pytest.mark.parametrize("header", [True, False], ids=["replies name workers", "replies name none"])
def test_each_protected_operation_is_called_once_with_each_of_its_bodies(header: bool, names: bool) -> None:
    platform = FakePlatform(workers=("worker-1", "worker-2", "worker-3", "worker-4"), header=header, names=names)
    platform = _after_phase_1(platform)
    assert _judged(platform)[0] == "pass"
    assert platform.called.total() == _calls_needed(platform)


def test_each_protected_operation_is_called_once_where_a_flag_alone_tells_exam_mode(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    platform = _after_phase_1(FakePlatform(workers=("worker-1", "worker-2", "worker-3")))
    without = platform.contract.model_copy(update={"exam_mode": None})
    monkeypatch.setattr(FakePlatform, "contract", without)
    flag = ExamModeFlag(whose="the database's flag", on=True, detail="")
    monkeypatch.setattr(read_exam_mode, "exam_mode_flag", lambda target: flag)
    assert _judged(platform)[0] == "pass"
    assert platform.called.total() == _calls_needed(platform)


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


def test_a_load_that_ends_before_exam_mode_is_tried_makes_the_line_inconclusive() -> None:
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
