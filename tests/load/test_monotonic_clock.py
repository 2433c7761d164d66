"""A system clock that is corrected while a load runs changes no wait, no exam and no order of events."""

import time
from pathlib import Path

import httpx
import pytest

from pytest_examday import monotonic_clock
from tests.load.fake_exam import FakeExam
from tests.suites.exam.load.sitting import script, sit


@pytest.mark.parametrize("step", [-3600.0, 3600.0], ids=["back", "forward"])
def test_an_exam_is_as_long_as_planned_whatever_the_clock_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: float
) -> None:
    exam = FakeExam()
    monkeypatch.setattr(time, "time", time.time)  # this one is put back at last

    async def steps(request: httpx.Request) -> httpx.Response:
        shown = time.time
        monkeypatch.setattr(time, "time", lambda: shown() + step)
        return exam._create({"question_count": 3})

    exam.disturb("create", steps)
    sat = sit(exam, tmp_path, script(0, 1, 2))
    assert exam.disturbances == {"create": []}
    assert sat.fate.finished
    assert sat.fate.worst_wait_ms < 1000
    assert [write.state for write in sat.writes] == ["acknowledged"] * 5
    assert sat.write("submit").sent_at - sat.write("create").sent_at == pytest.approx(0.3, abs=0.2)
    assert [sample.started for sample in sat.samples] == sorted(sample.started for sample in sat.samples)


def test_processes_that_agree_tell_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monotonic_clock, "_OFFSETS", [monotonic_clock.offset()])
    assert monotonic_clock.now() == pytest.approx(time.time(), abs=60)
    monotonic_clock.agree(monotonic_clock.offset() - 3600)
    assert monotonic_clock.now() == pytest.approx(time.time() - 3600, abs=60)
