"""Warnings of a fault in the platform's log, also if the clock of the log is off."""

import json
from pathlib import Path

import pytest

from pytest_examday.observe.log_block import TimeSpan
from pytest_examday.observe.log_warnings import count_warnings
from pytest_examday.runtimes.none import NoServices
from tests.observe.fakes import STAGING, log_files

NOON = 1_768_478_400.0
"""2026-01-15 12:00:00 UTC."""
_REQUESTS = {f"ed-{number}": NOON - 5 + number for number in range(4)}
"""The ids of requests, and when they ended by this machine's clock."""


def _line(second: float = 0, **fields: object) -> str:
    return json.dumps({"ts": NOON + second, "event": "request", **fields})


def _log(folder: Path, *lines: str) -> Path:
    path = folder / "worker-1.log"
    path.write_text("\n".join(lines) + "\n")
    return path


def _requested(ahead: float = 0.0) -> list[str]:
    """The lines of the requests by a clock that is so many seconds ahead."""
    return [_line(ended - NOON + ahead, request_id=name) for name, ended in _REQUESTS.items()]


def _counted(
    runtime: NoServices, since: float, until: float, requests: dict[str, float] = _REQUESTS
) -> tuple[int | None, str | None]:
    span = TimeSpan(NOON + since, NOON + until)
    return count_warnings(STAGING, runtime, "event == 'redis_unavailable'", span, requests)


@pytest.fixture
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_examday.observe.log_waiting.time.sleep", lambda seconds: None)


@pytest.mark.usefixtures("_patient")
def test_warnings_of_the_span_are_counted_with_one_of_them(tmp_path: Path) -> None:
    path = _log(
        tmp_path,
        *_requested(),
        _line(0, event="redis_unavailable", op="before"),
        _line(5, event="redis_unavailable", op="cache"),
        _line(6, event="request"),
        _line(10.5, event="redis_unavailable", op="late"),
        _line(30, event="redis_unavailable", op="after"),
    )
    count, sample = _counted(log_files(path), 1, 10)
    assert count == 2
    assert sample is not None
    assert json.loads(sample)["op"] == "cache"


@pytest.mark.usefixtures("_patient")
def test_no_warning_is_none_and_not_unmeasured(tmp_path: Path) -> None:
    runtime = log_files(_log(tmp_path, *_requested(), _line(), _line(8)))
    assert _counted(runtime, 0, 1) == (0, None)


def test_a_warning_that_is_written_late_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _log(tmp_path, *_requested(), _line())
    paused: list[float] = []

    def pause(seconds: float) -> None:
        paused.append(seconds)
        if sum(paused) > 12:
            path.write_text(path.read_text() + _line(1, event="redis_unavailable"))

    monkeypatch.setattr("pytest_examday.observe.log_waiting.time.sleep", pause)
    count, _ = _counted(log_files(path), 0, 2)
    assert (count, sum(paused)) == (1, 18)


@pytest.mark.usefixtures("_patient")
@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            (-5, 0, 1),
            "the log has no line from after the fault, the last one 1 s before it, and none was written in 30 s",
        ),
        ((3, 8, 9), "worker-1.log begins 3 s after the fault: it was rotated or cut"),
    ],
    ids=["not written to the end", "rotated"],
)
def test_a_log_that_does_not_hold_the_whole_fault_accuses_nobody(
    tmp_path: Path, lines: tuple[float, ...], told: str
) -> None:
    runtime = log_files(_log(tmp_path, *(_line(second, request_id=f"ed-{second}") for second in lines)))
    assert _counted(runtime, 0, 2, {f"ed-{second}": NOON + second for second in lines}) == (None, told)


@pytest.mark.usefixtures("_patient")
def test_warnings_that_cannot_be_looked_for_have_a_reason() -> None:
    count, reason = _counted(log_files(), 0, 1)
    assert count is None
    assert reason is not None
    assert "no log files are known" in reason


@pytest.mark.usefixtures("_patient")
@pytest.mark.parametrize("ahead", [-300.0, -8.0, 8.0, 300.0])
def test_warnings_are_counted_by_the_clock_that_the_lines_of_requests_show(tmp_path: Path, ahead: float) -> None:
    warned = [_line(second + ahead, event="redis_unavailable") for second in (-2, 1, 2, 9)]
    runtime = log_files(_log(tmp_path, *_requested(ahead), *warned))
    assert _counted(runtime, 0, 3)[0] == 2


@pytest.mark.usefixtures("_patient")
@pytest.mark.parametrize("ahead", [-8.0, 8.0])
def test_a_clock_that_is_off_hides_no_lack_of_warnings(tmp_path: Path, ahead: float) -> None:
    warned = [_line(second + ahead, event="redis_unavailable") for second in (-4, 9)]
    runtime = log_files(_log(tmp_path, *_requested(ahead), *warned))
    assert _counted(runtime, 0, 3) == (0, None)


@pytest.mark.usefixtures("_patient")
@pytest.mark.parametrize(("second", "told"), [(-7.5, "8 s before"), (11.0, "8 s after")])
def test_a_warning_near_the_fault_is_no_lack_of_warnings_if_the_clock_is_unknown(
    tmp_path: Path, second: float, told: str
) -> None:
    warning = _line(second, event="redis_unavailable")
    runtime = log_files(_log(tmp_path, _line(-5), warning, _line(30)))
    assert _counted(runtime, 0, 3, {}) == (
        None,
        f"a warning is dated {told} the fault, and the log has no request that would show by how much its clock is off",
    )


@pytest.mark.usefixtures("_patient")
def test_a_log_whose_clock_is_unknown_is_read_until_no_clock_explains_the_lack(tmp_path: Path) -> None:
    count, reason = _counted(log_files(_log(tmp_path, _line(-5), _line(12))), 0, 3, {})
    told = "the log has no line from 10 s after the fault, and nothing shows by how much its clock is off"
    assert (count, reason) == (None, f"{told}; none was written in 30 s")
    assert _counted(log_files(_log(tmp_path, _line(-5), _line(14))), 0, 3, {}) == (0, None)
