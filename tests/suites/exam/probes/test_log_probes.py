"""After a restart the platform logs requests as before; a log that says nothing is inconclusive."""

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.errors import Unmeasurable
from pytest_examday.monotonic_clock import now
from pytest_examday.observe.log_block import TimeSpan
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.evidence import ObservabilityEvidence
from pytest_examday.suites.exam.probes import log_probes
from pytest_examday.suites.exam.probes.log_probes import SentRequests, logged_after, send_requests
from pytest_examday.target.api import LoginResult, Reply
from tests import builders
from tests.observe.fakes import STAGING, log_files

from .test_untried_probes import PREPARED

_NOW = now()
_SENT = SentRequests(frozenset({"ed-1", "ed-2"}), {"gw-2": "ed-2"}, TimeSpan(_NOW, _NOW + 1))


def _line(name: str, second: float = 0.5, **fields: object) -> str:
    at = datetime.fromtimestamp(_NOW + second, UTC).isoformat()
    return json.dumps({"ts": at, "event": "request", "request_id": name, "status": 200, "route": "/", **fields})


_BEFORE, _LATER = _line("ed-0", -5), _line("ed-9", 3)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


def _probed(
    folder: Path, *lines: str, sent: SentRequests = _SENT, before: ObservabilityEvidence | None = None
) -> list[tuple[bool | None, str]]:
    """The probes if the log has these lines, and phase 6 left this evidence."""
    path = folder / "worker-1.log"
    path.write_text("".join(f"{line}\n" for line in lines))
    store = SimpleNamespace(read=lambda *_: SimpleNamespace(record=before))
    files = SimpleNamespace(store=store)
    target: Any = SimpleNamespace(environment=STAGING, runtime=log_files(path), files=files)
    return [(probe.passed, probe.detail) for probe in logged_after(target, sent)]


def test_requests_that_are_in_the_log_pass_by_the_id_that_was_sent_or_returned(tmp_path: Path) -> None:
    assert _probed(tmp_path, _BEFORE, _line("ed-1"), _line("gw-2")) == [(True, "2 of 2 requests are in the log")]


def test_a_request_that_the_log_lacks_fails(tmp_path: Path) -> None:
    message = "1 of 2 requests that were accepted after the restart are not in the log, for instance ed-2"
    assert _probed(tmp_path, _BEFORE, _line("ed-1"), _LATER) == [(False, message)]


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ((_BEFORE, _line("ed-1")), "the log has no line from after them"),
        ((_line("ed-1"), _LATER), "the log begins after them"),
        ((_BEFORE, *(_line(f"other-{n}") for n in range(3)), _LATER), "the log names other request ids"),
    ],
    ids=["not written yet", "rotated", "other ids"],
)
def test_a_log_that_may_lack_a_request_for_another_reason_is_inconclusive(
    tmp_path: Path, lines: tuple[str, ...], why: str
) -> None:
    ((passed, detail),) = _probed(tmp_path, *lines)
    assert (passed, why in detail) == (None, True)


def test_a_log_that_is_not_written_to_its_end_is_read_again_for_half_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if sum(slept) > 12:
            (tmp_path / "worker-1.log").write_text("\n".join((_BEFORE, _line("ed-1"), _line("ed-2"), _LATER)) + "\n")

    monkeypatch.setattr("time.sleep", sleep)
    assert _probed(tmp_path, _BEFORE, _line("ed-1")) == [(True, "2 of 2 requests are in the log")]
    assert slept == [1.0, 2.0, 5.0, 10.0]


def test_a_request_that_a_written_log_lacks_is_looked_for_for_8_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    assert _probed(tmp_path, _BEFORE, _line("ed-1"), _LATER)[0][0] is False
    assert slept == [1.0, 2.0, 5.0]


def test_a_log_that_cannot_be_read_is_inconclusive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(*_: object) -> None:
        raise Unmeasurable("no log files are known")

    monkeypatch.setattr(log_probes, "LogReader", unreadable)
    assert _probed(tmp_path) == [(None, "no log files are known")]


def test_requests_that_were_not_accepted_are_inconclusive(tmp_path: Path) -> None:
    nothing = SentRequests(frozenset(), {}, _SENT.span, "the prober could not read an exam: HTTP 503")
    assert _probed(tmp_path, sent=nothing) == [(None, "the prober could not read an exam: HTTP 503")]


def test_what_phase_6_has_reported_is_not_looked_for_again(tmp_path: Path) -> None:
    phase_6 = builders.observability(traced=7, trace_sampled=8, trace_missing=("ed-0",))
    assert _probed(tmp_path, _BEFORE, _LATER, before=phase_6) == []


def test_the_prober_reads_its_exam_and_the_accepted_requests_are_looked_for() -> None:
    ids = iter(range(99))

    def call(operation: str, *_: object, **__: object) -> Reply:
        number = next(ids)
        return Reply(getattr(CONTRACT, operation), 200 if number != 1 else 503, {}, f"ed-{number}", 1.0)

    runtime = SimpleNamespace(workers=lambda: ("worker-1",))
    target: Any = SimpleNamespace(api=SimpleNamespace(call=call), runtime=runtime)
    prober = ProbeCandidate(target, LoginResult(PREPARED, "bob", None), session_id="s-1")
    sent = send_requests(target, prober)
    assert (sorted(sent.ids, key=lambda name: int(name[3:])), sent.why) == (
        [f"ed-{number}" for number in (0, *range(2, 11))],
        None,
    )
