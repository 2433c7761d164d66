"""Which worker the failed requests of an operation came to, by the platform's own logs."""

import json
from pathlib import Path

import pytest

from pytest_examday.evidence.figures import ErrorCount
from pytest_examday.load.samples import Sample
from pytest_examday.observe import failing_places as module
from pytest_examday.observe.failing_places import failing_places
from tests import builders
from tests.observe.fakes import STAGING, log_files

_SINCE = builders.EPOCH


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody writes late."""
    monkeypatch.setattr(module, "_WRITTEN_SECONDS", 0)


def _log(folder: Path, worker: str, *ids: str) -> Path:
    path = folder / f"{worker}.log"
    moment = "2026-01-01T00:00:01+00:00"
    lines = [{"ts": moment, "event": "request", "request_id": name, "status": 200} for name in ids]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def _samples(**outcomes: str) -> list[Sample]:
    return [builders.sample("submit", request_id=name, outcome=outcome) for name, outcome in outcomes.items()]


def test_failures_are_counted_by_the_log_in_which_they_are(tmp_path: Path) -> None:
    logs = log_files(_log(tmp_path, "worker-1", "a", "b"), _log(tmp_path, "worker-2", "c", "d", "x"))
    samples = [
        *_samples(a="ok", b="ok", c="server_error", d="timeout", e="transport"),
        builders.sample("answer", request_id="x"),
    ]
    assert failing_places(STAGING, logs, _SINCE, samples, {"submit"}) == {
        "submit": {"worker-1": ErrorCount(judged=2, errors=0), "worker-2": ErrorCount(judged=2, errors=2)}
    }


def test_one_log_of_all_workers_tells_none_from_another(tmp_path: Path) -> None:
    logs = log_files(_log(tmp_path, "app", "a", "b"))
    assert failing_places(STAGING, logs, _SINCE, _samples(a="ok", b="server_error"), {"submit"}) == {}


def test_logs_that_cannot_be_read_tell_nothing() -> None:
    assert failing_places(STAGING, log_files(), _SINCE, _samples(a="server_error"), {"submit"}) == {}


def test_nothing_is_read_where_nothing_failed() -> None:
    assert failing_places(STAGING, None, _SINCE, _samples(a="ok"), set()) == {}  # type: ignore[arg-type] # not looked at
