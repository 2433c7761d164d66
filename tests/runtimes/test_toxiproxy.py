"""A delay by Toxiproxy, if the configuration names one; a small server stands in for its HTTP API."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.config.runtimes import ToxiproxySettings
from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.undo import Undelay, Undo
from pytest_examday.runtimes.base import Runtime
from pytest_examday.runtimes.none import NoServices
from pytest_examday.runtimes.toxiproxy import behind_toxiproxy

OTHERS: dict[str, Any] = {"name": "somebody-elses", "type": "bandwidth", "attributes": {"rate": 100}}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pause = 0.0
        """Seconds before each byte of a body."""
        self.toxics: dict[str, list[dict[str, Any]]] = {"exam_redis": [OTHERS]}


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def _answer(self, status: int, body: Any = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        size = 1 if self.server.pause else len(data)
        with suppress(OSError):  # nobody waits for it any more
            for at in range(0, len(data), size):
                time.sleep(self.server.pause)
                self.wfile.write(data[at : at + size])

    def _of_proxy(self) -> list[dict[str, Any]] | None:
        return self.server.toxics.get(self.path.split("/")[2])

    def do_GET(self) -> None:
        found = self._of_proxy()
        self._answer(200 if found is not None else 404, found)

    def do_POST(self) -> None:
        found, toxic = self._of_proxy(), json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if found is None or any(one["name"] == toxic["name"] for one in found):
            self._answer(409)
            return
        found.append(toxic)
        self._answer(200, toxic)

    def do_DELETE(self) -> None:
        found = self._of_proxy() or []
        found[:] = [one for one in found if one["name"] != self.path.split("/")[4]]
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 # the library's name
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[_Server]:
    """With one proxy, to which somebody else has added a toxic."""
    with _Server() as running:
        threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
        yield running
        running.shutdown()


def _runtime(server: _Server, **proxies: str) -> Runtime:
    url = f"http://127.0.0.1:{server.server_address[1]}"
    config = ToxiproxySettings.model_validate({"url": url, "proxies": proxies or {"redis": "exam_redis"}})
    own: Any = NoServices("staging", ())
    return behind_toxiproxy(own, config)


def test_without_a_word_the_runtime_is_its_own() -> None:
    own: Any = NoServices("staging", ())
    assert behind_toxiproxy(own, Environment(name="staging").toxiproxy) is own


def test_a_delay_goes_in_is_replaced_and_comes_out_and_the_toxics_of_others_stay(server: _Server) -> None:
    runtime = _runtime(server)
    runtime.require("redis", "delay")
    assert not runtime.delayed("redis")
    runtime.delay("redis", 100)
    runtime.delay("redis", 500, 50)
    assert [one["name"] for one in server.toxics["exam_redis"]] == ["somebody-elses", "examday"]
    assert server.toxics["exam_redis"][1]["attributes"] == {"latency": 500, "jitter": 50}
    assert server.toxics["exam_redis"][1]["stream"] == "downstream"
    assert runtime.delayed("redis")
    runtime.undelay("redis")
    runtime.undelay("redis")
    assert server.toxics["exam_redis"] == [OTHERS]


def test_the_undo_of_a_journal_takes_it_out(server: _Server) -> None:
    runtime = _runtime(server)
    runtime.delay("redis", 500)
    action = Undo.of(Undelay(service="redis")).resolve()
    assert action.remains(runtime) == "delayed: redis"
    action.carry_out(runtime)
    assert action.remains(runtime) is None


def test_a_proxy_that_it_does_not_know_is_told_before_anything_is_touched(server: _Server) -> None:
    runtime = _runtime(server, redis="of_yesterday")
    with pytest.raises(Unmeasurable, match="GET /proxies/of_yesterday/toxics: HTTP 404"):
        runtime.require("redis", "delay")


def test_a_toxiproxy_that_is_away_is_told(server: _Server) -> None:
    runtime = _runtime(server)
    server.shutdown()
    server.server_close()
    with pytest.raises(Unmeasurable, match=r"Toxiproxy at http://127.0.0.1:.* does not answer: "):
        runtime.require("redis", "delay")


def test_it_is_asked_without_the_proxies_of_the_environment(server: _Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    _runtime(server).require("redis", "delay")


@pytest.mark.parametrize("ability", ["stop", "pause", "delay"])
def test_everything_else_is_left_to_the_runtime(server: _Server, ability: Any) -> None:
    with pytest.raises(Unmeasurable, match="environment 'staging' has no runtime"):
        _runtime(server).require("postgres", ability)


def test_an_answer_that_comes_byte_by_byte_has_a_limit_as_a_whole(
    server: _Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pytest_examday.runtimes.toxiproxy._SECONDS", 0.5)
    server.pause = 0.1
    began = time.monotonic()
    with pytest.raises(Unmeasurable, match="does not answer: "):
        _runtime(server).require("redis", "delay")
    assert time.monotonic() - began < 5
