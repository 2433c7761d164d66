"""The programs of the how-to page that read a log store, as they are written there, against stand-ins that answer as
Loki and OpenSearch do, with at most so many lines at a time."""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from pytest_examday.config.environment_file import load_environment
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.runtimes.log_command import SOURCE
from pytest_examday.target.target import Target

_HOW_TO = Path(__file__).parents[2] / "docs" / "how-to.md"
_BEGAN = 1_700_000_000
_MOMENT = "2023-11-14T22:13:20Z"
_LOKI_LIMIT, _OPENSEARCH_LIMIT = 5_000, 10_000
_LINES = 12_001
_OF_ONE_TIME = 7


def _line(number: int) -> str:
    return json.dumps({"@timestamp": _time(number), "event": "request", "request_id": f"ed-{number}"})


def _time(number: int) -> str:
    seconds, thousandths = divmod(number // _OF_ONE_TIME, 1000)
    return f"2023-11-14T22:13:{20 + seconds}.{thousandths:03d}Z"


def _nanoseconds(number: int) -> int:
    return _BEGAN * 10**9 + number // _OF_ONE_TIME * 10**6


class _Store(ThreadingHTTPServer):
    """A log store with lines of two workers, of which a few each have the same time."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[Any] = []

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def loki(self, asked: dict[str, list[str]]) -> Any:
        """https://grafana.com/docs/loki/latest/reference/loki-http-api/#query-logs-within-a-range-of-time"""
        assert (asked["query"], asked["direction"]) == (['{app="exam"}'], ["forward"])
        limit, start = int(asked["limit"][0]), int(asked["start"][0])
        if limit > _LOKI_LIMIT:
            return None
        found = [number for number in range(_LINES) if _nanoseconds(number) >= start][:limit]
        streams = [
            {
                "stream": {"app": "exam", "worker": str(worker)},
                "values": [[str(_nanoseconds(number)), _line(number)] for number in found if number % 2 == worker],
            }
            for worker in (0, 1)
        ]
        return {"status": "success", "data": {"resultType": "streams", "result": streams, "stats": {}}}

    def opensearch(self, asked: Any) -> Any:
        """https://docs.opensearch.org/latest/api-reference/search-apis/search/"""
        assert asked["sort"] == [{"@timestamp": "asc"}]
        if asked["size"] > _OPENSEARCH_LIMIT:
            return None
        since = asked["query"]["range"]["@timestamp"]["gte"].replace(_MOMENT, _time(0))
        found = [number for number in range(_LINES) if _time(number) >= since][: asked["size"]]
        hits = [
            {
                "_index": f"exam-logs-{number % 2}",
                "_id": str(number // 2),
                "_score": None,
                "_source": json.loads(_line(number)),
                "sort": [_nanoseconds(number) // 10**6],
            }
            for number in found
        ]
        total = {"value": 10_000, "relation": "gte"}
        return {"took": 5, "timed_out": False, "hits": {"total": total, "max_score": None, "hits": hits}}


class _Handler(BaseHTTPRequestHandler):
    server: _Store

    def do_GET(self) -> None:
        """Answer Loki's query over a range."""
        address = urlparse(self.path)
        asked = parse_qs(address.query)
        self._answer(self.server.loki(asked) if address.path == "/loki/api/v1/query_range" else None, asked)

    def do_POST(self) -> None:
        """Answer OpenSearch's search."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(self.server.opensearch(asked) if self.path == "/exam-logs-*/_search" else None, asked)

    def _answer(self, answer: Any, asked: Any) -> None:
        """The answer, or HTTP 400 for None."""
        self.server.asked.append(asked)
        body = json.dumps(answer).encode()
        self.send_response(400 if answer is None else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing on the terminal."""


@pytest.fixture
def store() -> Iterator[_Store]:
    """A log store that runs."""
    with _Store() as serving:
        Thread(target=serving.serve_forever, daemon=True).start()
        yield serving
        serving.shutdown()


@pytest.mark.parametrize(
    ("program", "address", "pages"),
    [("loki_lines.py", "http://loki:3100", 3), ("opensearch_lines.py", "http://opensearch:9200", 2)],
)
def test_the_program_of_the_page_prints_each_line_once_and_page_by_page(
    program: str, address: str, pages: int, store: _Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = _HOW_TO.read_text()
    (source,) = re.findall(rf"```python\n(# {program}\n.*?)```", page, re.DOTALL)
    (configuration,) = (text for text in re.findall(r"```toml\n(.*?)```", page, re.DOTALL) if program in text)
    (tmp_path / program).write_text(source)
    here = configuration.replace(address, store.address).replace("python3", sys.executable)
    (tmp_path / "examday.toml").write_text(here)
    environment = load_environment("staging", None, None, (tmp_path,), {})
    monkeypatch.chdir(tmp_path)
    runtime = Target(environment, RunFiles(tmp_path, Redactor()), 1).runtime
    printed = Counter(json.loads(line)["request_id"] for line in runtime.logs(SOURCE, _BEGAN))
    assert printed == Counter(f"ed-{number}" for number in range(_LINES))
    assert len(store.asked) == pages
