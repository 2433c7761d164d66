"""The preflight names what answers at the address of the API if it is not the API, before sixty tests fail."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pytest_examday.config.environment_file import load_environment
from pytest_examday.errors import Unmeasurable
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.runtimes.none import NoServices
from pytest_examday.suites import preflight
from pytest_examday.target.target import Target


@contextmanager
def _answering(status: int, kind: str, body: bytes) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 # the library's name
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def _target(folder: Path, url: str) -> Target:
    (folder / "examday.toml").write_text(f"[env.staging]\napi_url = '{url}'\n")
    environment = load_environment("staging", None, None, (folder,), {})
    return Target(environment, RunFiles(folder, Redactor()), 0)


@pytest.mark.parametrize("status", [200, 404, 502])
def test_a_web_page_in_place_of_the_api_is_named(tmp_path: Path, status: int) -> None:
    page = b"<!DOCTYPE html>\n<html><title>Exam portal</title></html>"
    with _answering(status, "text/html", page) as url, pytest.raises(Unmeasurable) as reason:
        preflight.gather(_target(tmp_path, url))
    assert str(reason.value) == (
        f"{url} replies with a web page (HTTP {status}), not with JSON: is env.staging.api_url the address of the API, "
        "its path prefix included?"
    )


def test_an_api_that_is_not_ready_is_measured_all_the_same(tmp_path: Path) -> None:
    with _answering(503, "application/json", b'{"status": "down", "database": "down"}') as url:
        found = preflight.gather(_target(tmp_path, url))
    assert found.ready["http"] == "503"
    assert found.ready["status"] == "down"


def test_a_dead_address_is_named(tmp_path: Path) -> None:
    with _answering(200, "text/plain", b"") as url:
        pass
    with pytest.raises(Unmeasurable, match=f"the API at {url} does not reply: connection refused"):
        preflight.gather(_target(tmp_path, url))


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://api.invalid", "; HTTPS_PROXY, all_proxy is set, and a rehearsal goes through no proxy"),
        ("http://127.0.0.1:9", ""),
    ],
)
def test_proxies_that_are_not_used_are_named_where_they_may_be_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, told: str
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("all_proxy", "socks5://proxy.example")
    with pytest.raises(Unmeasurable) as reason:
        preflight.gather(_target(tmp_path, url))
    line = str(reason.value)
    assert line.startswith(f"the API at {url} does not reply: ")
    assert line.endswith(told)
    assert ("PROXY" in line) is bool(told)


class _Clocks(NoServices):
    """Workers whose clocks are read, but for one."""

    def workers(self) -> tuple[str, ...]:
        return ("backend-1", "backend-2", "backend-3")

    def clock_skew(self, service: str) -> float:
        if service == "backend-3":
            raise Unmeasurable("it has no shell")
        return {"backend-1": 0.01, "backend-2": -3.2}[service]


def test_a_clock_that_is_off_is_told_and_one_that_cannot_be_read_is_not_guessed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _answering(200, "application/json", b'{"status": "ready"}') as url:
        target = _target(tmp_path, url)
        monkeypatch.setattr(Target, "runtime", _Clocks("staging", ()))
        found = preflight.gather(target)
    assert found.clock_skew == {"backend-1": 0.01, "backend-2": -3.2, "backend-3": None}
    told = target.files.progress.path.read_text()
    assert "the clock of backend-2 is -3.2 s off ours: its log lines may be missed" in told
    assert "the clock of backend-1" not in told
