"""A log that a command prints, whatever runtime the platform has; here of a small log store over HTTP."""

import json
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlparse

import pytest
from pydantic import ValidationError

from pytest_examday.config.environment import Environment
from pytest_examday.config.environment_file import load_environment
from pytest_examday.errors import Unmeasurable
from pytest_examday.observe.log_review import LogQuery, review_when_written
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import HIDDEN, Redactor
from pytest_examday.runtimes.log_command import SOURCE, with_log_command
from pytest_examday.runtimes.none import NoServices
from pytest_examday.target.target import Target

NOON = 1_700_000_000
_KEY = "env.x.log_command"
_PRINT_STORE = """
import json, os, urllib.request
url = "http://127.0.0.1:{port}/query?start=" + os.environ["EXAMDAY_SINCE_SECONDS"]
for stream in json.load(urllib.request.urlopen(url))["data"]["result"]:
    for _, line in stream["values"]:
        print(line)
"""


class _Store(ThreadingHTTPServer):
    """Answers as Loki does, with lines of two streams; each answer has one line more than the one before."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: _Store

    def do_GET(self) -> None:
        """Give the lines that the store has taken in until now."""
        self.server.asked += parse_qs(urlparse(self.path).query)["start"]
        lines = [_line(number) for number in range(len(self.server.asked))]
        result = [{"values": [[str(NOON), line] for line in lines[begin::2]]} for begin in (0, 1)]
        body = json.dumps({"data": {"result": result}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing on the terminal."""


def _line(number: int) -> str:
    fields = {"event": "request", "request_id": f"ed-{number}", "method": "GET", "route": "/x", "status": 200}
    return json.dumps({"ts": f"2023-11-14T22:13:{20 + number}Z", "level": "info", "duration_ms": 4.0, **fields})


@pytest.fixture
def store() -> Iterator[_Store]:
    """A log store that runs."""
    with _Store() as serving:
        Thread(target=serving.serve_forever, daemon=True).start()
        yield serving
        serving.shutdown()


def _command(store: _Store) -> str:
    return f"{sys.executable} - <<'PROGRAM'{_PRINT_STORE.format(port=store.server_address[1])}PROGRAM"


def test_the_command_is_told_since_when_lines_are_wanted(store: _Store) -> None:
    runtime = with_log_command(NoServices("x", ()), _command(store), _KEY)
    assert runtime.log_sources() == (SOURCE,)
    assert list(runtime.logs(SOURCE, NOON + 0.5)) == [_line(0)]
    assert store.asked == [str(NOON)]
    runtime = with_log_command(NoServices("x", ()), "echo $EXAMDAY_SINCE $NAMED", _KEY, {"NAMED": "told"})
    assert list(runtime.logs(SOURCE, NOON)) == ["2023-11-14T22:13:20Z told"]


def test_lines_that_a_store_takes_in_late_are_waited_for(store: _Store) -> None:
    environment = Environment(name="x", log_command=_command(store))
    runtime = with_log_command(NoServices("x", ()), _command(store), _KEY)
    reviewed = review_when_written(
        environment, runtime, NOON, LogQuery(statuses_only=frozenset({"ed-0", "ed-1", "ed-2"}))
    )
    assert set(reviewed.found.statuses) == {"ed-0", "ed-1", "ed-2"}
    assert len(store.asked) == 3


def test_a_long_log_is_read_whole() -> None:
    runtime = with_log_command(NoServices("x", ()), "yes 0123456789 | head -n 2000000", _KEY)
    assert sum(block.count(b"\n") for block in runtime.log_blocks(SOURCE, 0)) == 2_000_000


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("echo sorry >&2; exit 3", "env.x.log_command ended with exit status 3: sorry"),
        ("no-such-command", "env.x.log_command: command not found: "),
        ("kill -9 $$", "env.x.log_command was ended by SIGKILL"),
    ],
)
def test_a_command_that_fails_makes_the_log_unmeasurable(command: str, reason: str) -> None:
    runtime = with_log_command(NoServices("x", ()), command, _KEY)
    with pytest.raises(Unmeasurable) as refused:
        list(runtime.log_blocks(SOURCE, 0))
    assert str(refused.value).startswith(reason)


def test_all_else_is_left_to_the_runtime() -> None:
    runtime = with_log_command(NoServices("x", ()), "true", _KEY)
    runtime.require(SOURCE, "logs")
    with pytest.raises(Unmeasurable, match="environment 'x' has no runtime"):
        runtime.require("backend", "stop")
    with pytest.raises(Unmeasurable, match="environment 'x' has no runtime"):
        runtime.pause("backend")


def test_the_log_of_an_environment_is_what_its_command_prints(tmp_path: Path) -> None:
    environment = Environment(name="x", log_command="echo a line")
    target = Target(environment, RunFiles(tmp_path, Redactor()), 1)
    assert list(target.runtime.logs(SOURCE, NOON)) == ["a line"]


def test_an_environment_has_files_or_a_command_and_not_both() -> None:
    with pytest.raises(ValidationError, match="logs and log_command are both set"):
        Environment(name="x", log_command="echo a line", logs=("a.log",))


def test_the_command_finds_the_variables_that_it_names_in_its_environment(tmp_path: Path) -> None:
    """So no other user of the machine sees them in a list of processes."""
    shell = 'echo "log of ${STORE_CODE} by ${STORE_USER:-nobody}"'
    (tmp_path / "examday.toml").write_text(f"[env.x]\nlog_command = '''{shell}'''\n")
    environment = load_environment("x", None, None, (tmp_path,), {"STORE_CODE": "c0de-9Kx"})
    assert environment.log_command == shell
    target = Target(environment, RunFiles(tmp_path, Redactor()), 1)
    assert list(target.runtime.logs(SOURCE, NOON)) == ["log of c0de-9Kx by nobody"]
    assert target.files.redactor.clean("c0de-9Kx") == HIDDEN
