"""Exam mode that a run has switched on is off again, whatever ends the run. The platform is a server that answers every
request with one document; its exam mode is a file that commands read and write."""

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.waiting import wait_until

from .conftest import Started

_CONFIG = """
[env.staging]
api_url = "{url}"
allow = ["read", "write"]
contract = {{ preset = "reference", absent = ["exam_mode", "exam_mode_variable"] }}

[env.staging.exam_mode]
read.command = "cat {mode}"
on.command = "echo on > {mode}"
off.command = "{off}"
"""
_WAITS = """
import time

import pytest


@pytest.mark.phase(number=1)
def test_own(exam_mode_evidence):
    assert exam_mode_evidence.by == "exam_mode.on.command"
    time.sleep({seconds})
"""
_LINE = ("--env", "staging", "-m", "phase1", "-k", "exam_mode_was_switched_on or test_own")


Start = Callable[..., Started]


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps({"status": "ready"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address of the platform."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def mode(tmp_path: Path) -> Path:
    """The file with the mode, which is off."""
    file = tmp_path / "mode"
    file.write_text("off\n")
    return file


def _config(url: str, mode: Path, off: str | None = None) -> str:
    return _CONFIG.format(url=url, mode=mode, off=off or f"echo off > {mode}")


def _is(mode: Path, word: str) -> bool:
    return mode.read_text().strip() == word


def _last(run: Started) -> tuple[str, str]:
    """The last event of the journal's copy in the run directory, and by whom."""
    entries = [json.loads(line) for line in (run.directory / "faults.jsonl").read_text().splitlines()]
    return entries[-1]["event"], entries[-1].get("by", "")


def test_at_the_end_of_an_xdist_worker(started: Start, url: str, mode: Path) -> None:
    run = started(*_LINE, "-n", "1", config=_config(url, mode), test=_WAITS.format(seconds=0))
    assert run.wait() == 0, run.output.read_text()
    assert _is(mode, "off")
    assert _last(run) == ("out", "drill")


@pytest.mark.parametrize(
    ("number", "status", "by"),
    [
        (signal.SIGTERM, 128 + signal.SIGTERM, "drill"),  # it ends a run as Ctrl-C does
        (signal.SIGKILL, -signal.SIGKILL, "watchdog: pytest is gone"),
    ],
    ids=["SIGTERM", "SIGKILL"],
)
def test_when_a_signal_ends_pytest(
    started: Start, url: str, mode: Path, number: signal.Signals, status: int, by: str
) -> None:
    run = started(*_LINE, config=_config(url, mode), test=_WAITS.format(seconds=600))
    run.wait_for("exam_mode: measured")
    assert _is(mode, "on")
    os.kill(run.process.pid, number)
    assert run.process.wait(60) == status
    wait_until(lambda: _is(mode, "off"))
    wait_until(lambda: _last(run) == ("out", by))


@pytest.mark.parametrize("options", [("-m", "gates", "-k", "exam_mode_verified"), _LINE[2:]], ids=["gates", "phase1"])
def test_where_it_does_not_go_back_the_run_fails(
    started: Start, url: str, mode: Path, options: tuple[str, ...]
) -> None:
    run = started("--env", "staging", *options, config=_config(url, mode, "exit 3"), test=_WAITS.format(seconds=0))
    assert run.wait() == 1
    assert _is(mode, "on")
    assert "exam mode switched on: exam mode is not off" in run.output.read_text()
    assert "python -m pytest_examday heal --env staging" in run.output.read_text()
    if "gates" in options:
        assert any(obstacle.startswith("exam mode switched on: ") for obstacle in run.verdict["obstacles"])
