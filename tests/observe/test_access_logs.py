"""The presets for access logs, on lines that nginx 1.22, uvicorn 0.54 and gunicorn 27 wrote (`recorded/`)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.config.environment_file import load_environment
from pytest_examday.contract.log_presets import LOG_PRESETS
from pytest_examday.errors import Unmeasurable, UsageProblem
from pytest_examday.observe.log_contradictions import contradictions
from pytest_examday.observe.log_reader import decoder_of
from pytest_examday.observe.log_review import LogQuery, LogReview, review
from pytest_examday.observe.log_sources import log_sources
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.target.target import Target
from tests import builders
from tests.observe.fakes import log_files

_RECORDED = Path(__file__).with_name("recorded")
_SENT = ["/v1/ready", "/v1/sessions", "/v1/unknown", "/v1/boom", "/v1/ready"]

Read = Callable[[str], Environment]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads the environment `x` with these lines of its table."""

    def reading(text: str) -> Environment:
        (tmp_path / "examday.toml").write_text(f"[env.x]\n{text}")
        return load_environment("x", None, None, (tmp_path,), {})

    return reading


def _reviewed(environment: Environment, *names: str, **asked: Any) -> LogReview:
    return review(environment, log_files(*(_RECORDED / f"{name}.log" for name in names)), 0, LogQuery(**asked))


@pytest.mark.parametrize(
    ("preset", "log", "requests", "others"),
    [
        ("nginx-combined", "nginx-combined", 6, 0),
        ("nginx-combined", "nginx-traced", 6, 0),
        ("nginx-timed", "nginx-timed", 6, 0),
        ("nginx-traced", "nginx-traced", 5, 0),
        ("uvicorn", "uvicorn-dated", 5, 9),
        ("gunicorn", "gunicorn", 5, 0),
        ("gunicorn-traced", "gunicorn-traced", 4, 0),
    ],
)
def test_a_preset_reads_every_request_of_its_server(
    read: Read, preset: str, log: str, requests: int, others: int
) -> None:
    """A line without an id is no request where ids are read; the line of a request that is no HTTP is none either."""
    reviewed = _reviewed(read(f'log_format = "{preset}"'), log)
    assert (reviewed.figures["requests_logged"], reviewed.figures["unreadable_lines"]) == (requests, others)
    assert (reviewed.figures["incomplete_records"], reviewed.figures["server_errors"]) == (0, 1)
    assert (reviewed.figures["p99_ms"] is None) == ("total_ms" in reviewed.fields_not_logged)
    assert reviewed.ends is not None
    assert 1795836960 < reviewed.ends < 1795837060, "2026-11-28 03:36 and 37"


@pytest.mark.parametrize(
    ("preset", "log", "sent"),
    [
        ("nginx-traced", "nginx-traced", [*_SENT, None, "/v1/ready"]),
        ("gunicorn-traced", "gunicorn-traced", _SENT),
        ("uvicorn", "uvicorn", _SENT),
        ("uvicorn", "gunicorn-uvicorn", _SENT),
    ],
)
def test_a_preset_finds_path_and_status_of_each_line(preset: str, log: str, sent: list[str | None]) -> None:
    decoder = decoder_of(LOG_PRESETS[preset], ())
    lines = (_RECORDED / f"{log}.log").read_bytes().splitlines()
    found = [body for line in lines if (body := decoder.body(line)) is not None]
    assert [body["path"] for body in found] == sent
    assert [body["status"] for body in found[:5]] == ["200", "201", "404", "503", "200"]


@pytest.mark.parametrize("preset", ["nginx-traced", "gunicorn-traced"])
def test_duration_and_id_of_a_request_are_read_behind_a_text_with_quotes(read: Read, preset: str) -> None:
    found = _reviewed(read(f'log_format = "{preset}"'), preset, whole_lines=frozenset({"ed-2"})).found
    line = found.lines["ed-2"][preset]
    assert (line.get("user"), line.get("address"), found.has("ed-2", 201)) == ("anna", "127.0.0.1", True)
    assert line.form.milliseconds(line.get(line.form.total_ms)) in (3.0, 2.722)


@pytest.mark.parametrize(
    ("preset", "lacks"),
    [
        ("nginx-combined", ("request_id", "total_ms")),
        ("nginx-timed", ("request_id",)),
        ("nginx-traced", ()),
        ("uvicorn", ("request_id", "total_ms")),
        ("gunicorn", ("request_id", "total_ms")),
        ("gunicorn-traced", ()),
    ],
)
def test_a_review_names_what_the_format_lacks(read: Read, preset: str, lacks: tuple[str, ...]) -> None:
    log = "uvicorn-dated" if preset == "uvicorn" else preset
    assert _reviewed(read(f'log_format = "{preset}"'), log).fields_not_logged == lacks


@pytest.mark.parametrize("log", ["uvicorn", "gunicorn-uvicorn"])
def test_lines_without_a_time_are_unmeasurable_and_say_what_to_configure(read: Read, log: str) -> None:
    with pytest.raises(Unmeasurable) as reason:
        _reviewed(read('log_format = "uvicorn"'), log)
    told = str(reason.value)
    assert told.startswith("5 of ")
    assert "lines are as the log format 'uvicorn' says, but none has a time that can be read at `timestamp`" in told
    assert "let the platform write the time into each line" in told


_BOTH = """
logs = ["ignored"]
[env.x.log_format]
timestamp = "at"
request_id = "req"
route = "path"
status = "code"
total_ms = "ms"
user = "who"
of."*/recorded/nginx-*" = "nginx-traced"
"""


def test_a_proxys_text_and_a_workers_json_are_read_side_by_side(read: Read, tmp_path: Path) -> None:
    worker = tmp_path / "worker-1.log"
    lines = ['{"at": 1795836968, "req": "ed-1", "path": "ready", "code": 200, "ms": 7, "who": "u-1"}']
    lines += ['{"at": 1795836968, "req": "ed-4", "path": "boom", "code": 500, "ms": 1, "who": "u-1"}', "Traceback"]
    worker.write_text("\n".join(lines))
    logs = log_files(_RECORDED / "nginx-traced.log", worker)
    reviewed = review(read(_BOTH), logs, 0, LogQuery(whole_lines=frozenset({"ed-1", "ed-4", "ed-2"})))
    figures = reviewed.figures
    assert figures["log_files"] == ("nginx-traced.log", "worker-1.log")
    assert (figures["requests_logged"], figures["incomplete_records"], figures["unreadable_lines"]) == (5, 0, 1)
    assert (figures["error_rate"], figures["p50_ms"]) == (0.5, 7), "those of the log that shows worse ones"
    assert (figures["unreadable_line"], reviewed.fields_not_logged) == ("Traceback", ())
    assert (reviewed.found.has("ed-4", 503), reviewed.found.has("ed-4", 500)) == (True, True), "by proxy and by worker"
    sample = builders.sample(ms=9.0)._replace(status=200, operation="read")
    compared = [(sample, line) for line in reviewed.found.lines["ed-1"].values()]
    assert len(compared) == 2
    assert contradictions(compared, {"read": "/v1/other"}) == [], "the routes of two formats are not mixed"


def test_one_field_that_one_of_two_formats_has_is_logged(read: Read) -> None:
    environment = read('[env.x.log_format]\npreset = "nginx-combined"\nof."*traced.log" = "nginx-traced"')
    reviewed = _reviewed(environment, "gunicorn", "nginx-traced")
    assert (reviewed.fields_not_logged, reviewed.figures["requests_logged"]) == ((), 5)


def test_a_service_that_a_format_names_is_read_beside_the_logs(read: Read, tmp_path: Path) -> None:
    environment = read(
        'log_command = "true"\n'
        'log_format = {preset = "reference", of = {proxy = "nginx-traced"}}\n'
        '[env.x.runtime]\nkind = "command"\n'
        "[env.x.runtime.services]\n"
        f'backend = {{}}\nproxy = {{status = "true", logs = "cat {_RECORDED}/nginx-traced.log"}}'
    )
    runtime = Target(environment, RunFiles(tmp_path, Redactor()), 1).runtime
    reviewed = review(environment, runtime, 0, LogQuery())
    assert (reviewed.figures["log_files"], reviewed.figures["requests_logged"]) == (("proxy",), 5)


def test_no_worker_is_read_twice(read: Read, tmp_path: Path) -> None:
    environment = read(
        'log_format = {preset = "nginx-traced", of = {api = "gunicorn"}}\n'
        '[env.x.runtime]\nkind = "command"\nbackend = "api"\nworkers = ["api-1"]\ndefaults = {logs = "true"}\n'
        "services = {api = {}, api-1 = {}}"
    )
    runtime = Target(environment, RunFiles(tmp_path, Redactor()), 1).runtime
    assert [source.name for source in log_sources(environment, runtime)] == ["api-1"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            'log_format = "ngnix-timed"',
            "env.x.log_format.preset: there is no preset 'ngnix-timed'; did you mean nginx-timed? choose one of: "
            "reference, nginx-combined, nginx-timed, nginx-traced, uvicorn, gunicorn, gunicorn-traced",
        ),
        (
            'log_format.of."*.log" = "uvicron"',
            "env.x.log_format.of.\"*.log\".preset: there is no preset 'uvicron'; did you",
        ),
        (
            '[env.x.log_format]\npreset = "uvicorn"\nof.a = {preset = "uvicorn", of = {b = "gunicorn"}}',
            "env.x.log_format.of: a format in `of` has no `of` of its own",
        ),
        (
            'log_format = {preset = "uvicorn", of = {a = {timestamp = "t", route = "r"}}}',
            "env.x.log_format.of.a.status: is missing",
        ),
        (
            'log_format = {preset = "uvicorn", request_id = "header:X-Request-ID"}',
            "env.x.log_format.request_id: names a header or a cookie; a log line has neither",
        ),
    ],
)
def test_a_mistake_in_a_log_format_is_one_line_with_its_key(read: Read, text: str, told: str) -> None:
    with pytest.raises(UsageProblem) as problem:
        read(text)
    assert any(f": {told}" in line for line in problem.value.mistakes), problem.value.mistakes
