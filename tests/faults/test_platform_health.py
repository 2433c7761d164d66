"""Whoever counts faults that were left must be able to see one: each kind, left in by hand, is called by its name."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from pytest_examday.runtimes.embedded_runtime import EmbeddedRuntime
from pytest_examday.runtimes.embedded_state import read_state
from tests.faults.fake_platform import FakePlatform
from tests.faults.platform_health import what_is_wrong
from tests.platform.platform_harness import Platform
from tests.waiting import wait_until

Act = Callable[[EmbeddedRuntime], None]
KINDS: dict[str, tuple[Act, Act, str]] = {
    "a service that was stopped": (lambda r: r.stop("redis"), lambda r: r.start("redis"), "not running: redis"),
    "a worker that was killed": (lambda r: r.kill("worker-2"), lambda r: r.start("worker-2"), "not running: worker-2"),
    "a backend that was stopped": (
        lambda r: r.stop("backend"),
        lambda r: r.start("backend"),
        "not running: worker-1, worker-2",
    ),
    "a worker that stands still": (lambda r: r.pause("worker-1"), lambda r: r.unpause("worker-1"), "paused: ["),
    "a database that stands still": (lambda r: r.pause("postgres"), lambda r: r.unpause("postgres"), "paused: ["),
    "a link that is late": (lambda r: r.delay("redis", 500), lambda r: r.undelay("redis"), "delayed: redis"),
    "a link that is hardly late": (
        lambda r: r.delay("postgres", 1),
        lambda r: r.undelay("postgres"),
        "delayed: postgres",
    ),
}
"""What is done, how it is taken out, and what is to be said of it in between."""


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Nothing on it is undone but by the tests."""
    running = Platform(tmp_path_factory.mktemp("well"), "--links")
    yield running
    running.end()


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_that_was_left_in_is_seen(platform: Platform, kind: str) -> None:
    state = platform.directory / "platform.json"
    put_in, take_out, wrong = KINDS[kind]
    assert what_is_wrong(state) is None
    put_in(EmbeddedRuntime(state))
    wait_until(lambda: what_is_wrong(state) is not None)  # a process that is to stand still does so when its turn comes
    seen = what_is_wrong(state)
    take_out(EmbeddedRuntime(state))
    assert seen is not None
    assert seen.startswith(wrong)
    wait_until(lambda: what_is_wrong(state) is None)


def test_a_child_of_a_service_that_stands_still_alone_is_seen(platform: Platform) -> None:
    """As an undo that was interrupted half way would leave it."""
    state = platform.directory / "platform.json"
    server = psutil.Process(platform.control.status()["services"]["postgres"])
    (child,) = [one for one in server.children() if "checkpointer" in " ".join(one.cmdline())]
    child.suspend()
    wait_until(lambda: child.status() == psutil.STATUS_STOPPED)  # it stops when its turn comes
    seen = what_is_wrong(state)
    EmbeddedRuntime(state).unpause("postgres")
    assert seen == f"paused: [{child.pid}]"
    assert what_is_wrong(state) is None


class _Answering(http.server.BaseHTTPRequestHandler):
    answer: dict[str, Any]

    def do_GET(self) -> None:
        body = json.dumps(self.answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Nothing is to be said about it."""


@pytest.fixture
def ready(fake: FakePlatform) -> Iterator[Callable[[dict[str, Any]], Path]]:
    """Lets the API of the fake platform answer so; returns its state file."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answering)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def say(answer: dict[str, Any]) -> Path:
        _Answering.answer = answer
        fake.write_state(read_state(fake.state).supervisor_pid, f"http://127.0.0.1:{server.server_port}")
        return fake.state

    yield say
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        ({"status": "degraded", "worker": "worker-1"}, "not ready: "),
        ({"status": "ready", "worker": "worker-1"}, "not heard of in 64 answers: worker-2"),
        ({}, "not ready: "),
    ],
)
def test_a_worker_that_is_not_ready_is_seen(
    ready: Callable[[dict[str, Any]], Path], answer: dict[str, Any], wrong: str
) -> None:
    assert str(what_is_wrong(ready(answer))).startswith(wrong)


def test_an_api_that_does_not_answer_is_seen(fake: FakePlatform) -> None:
    assert str(what_is_wrong(fake.state)).startswith("not answering: ConnectError")


def test_a_platform_that_is_gone_is_not_called_well(tmp_path: Path) -> None:
    assert str(what_is_wrong(tmp_path / "platform.json")).startswith("cannot be looked at: no platform is running")
