"""One pass over the logs: the requests that clients sent, and what no log may hold."""

import json
import random
import tracemalloc
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import quote

import pytest

from pytest_examday.observe.log_review import LogQuery, LogReview, review, review_when_written
from pytest_examday.observe.tally import Tally
from pytest_examday.runtimes import log_blocks
from tests.observe.fakes import STAGING, log_files

NOON = 1_768_478_400.0
"""2026-01-15 12:00:00 UTC."""
TOKEN = "eyJ/token.of-a+candidate"  # a text that stands for one


def _line(second: float, name: object, **fields: object) -> str:
    body = {"ts": NOON + second, "event": "request", "request_id": name, "status": 200, "total_ms": 1.5, "route": "/"}
    return json.dumps({**body, **fields})


def _reviewed(folder: Path, *lines: str, since: float = NOON, **asked: frozenset[str] | dict[str, str]) -> LogReview:
    path = folder / "worker-1.log"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return review(STAGING, log_files(path), since, LogQuery(**asked))  # type: ignore[arg-type] # of fitting types


def test_a_followed_request_has_its_whole_line_and_others_their_status(tmp_path: Path) -> None:
    lines = (_line(1, "a", user_id="u-1"), _line(2, "b", status="503"), _line(3, "c"))
    found = _reviewed(tmp_path, *lines, whole_lines=frozenset("a"), statuses_only=frozenset("b")).found
    assert found.statuses == {"a": {"reference": 200}, "b": {"reference": 503}}
    assert list(found.lines) == ["a"]
    line = found.lines["a"]["reference"]
    assert (line.file, line.at - NOON, line.get("user_id")) == ("worker-1.log", 1, "u-1")


def test_a_line_that_logs_no_request_is_none_of_a_request(tmp_path: Path) -> None:
    reviewed = _reviewed(tmp_path, _line(1, "a", event="message"), statuses_only=frozenset("a"))
    assert (reviewed.found.statuses, reviewed.complete) == ({}, False)


def test_a_request_is_found_whatever_the_time_of_its_line(tmp_path: Path) -> None:
    lines = (_line(5, "a", status=201), _line(-900, "a", status=500), _line(-900, "b", status=404))
    reviewed = _reviewed(tmp_path, *lines, whole_lines=frozenset("b"), statuses_only=frozenset("a"))
    assert (reviewed.found.statuses, reviewed.complete) == ({"a": {"reference": 201}, "b": {"reference": 404}}, True)
    assert reviewed.found.lines["b"]["reference"].at == NOON - 900
    assert reviewed.figures["log_lines"] == 1


def test_an_id_that_is_a_number_is_the_text_of_it(tmp_path: Path) -> None:
    assert _reviewed(tmp_path, _line(1, 7), _line(1, "x"), statuses_only=frozenset("7")).found.has("7", 200)


@pytest.mark.parametrize(
    "line",
    [
        _line(1, "a", message=f"Bearer {TOKEN}"),
        _line(1, "a", message=f"Bearer {TOKEN}").replace("/", r"\/"),
        _line(1, "a", message=f"Bearer {TOKEN}").replace("+", r"\u002b"),
        f"KeyError: '{TOKEN}'",
        _line(1, "a", path=f"/exams?token={quote(TOKEN, safe='')}"),
        *(_line(1, "a", body=b64encode(f"{'x' * place}{TOKEN}-rest".encode()).decode()) for place in range(3)),
        _line(1, "a", body=urlsafe_b64encode(json.dumps({"token": TOKEN}).encode()).decode()),
        _line(-900, "a", message=TOKEN),
    ],
    ids=[
        "plain",
        "escaped",
        "by number",
        "in a traceback",
        "in an address",
        "in base64",
        "in base64, one byte later",
        "in base64, two bytes later",
        "in a body in base64",
        "misdated",
    ],
)
def test_a_secret_is_found_wherever_it_was_logged(tmp_path: Path, line: str) -> None:
    reviewed = _reviewed(tmp_path, _line(0, "x"), line, secrets={"a token": TOKEN, "a password": "wrong-1"})
    assert reviewed.secrets == {"a token": "worker-1.log"}


def test_tracebacks_and_cut_lines_among_the_lines_of_many_blocks_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_blocks, "_BLOCK_BYTES", 1_000)
    lines: list[str] = []
    for number in range(500):
        lines.append(_line(number, f"ed-{number}"))
        if number % 50 == 7:
            lines += ["Traceback (most recent call last):", "  File x", _line(number, "cut")[:-9]]
    reviewed = _reviewed(tmp_path, *lines, statuses_only=frozenset(f"ed-{number}" for number in range(500)))
    assert (reviewed.figures["log_lines"], reviewed.figures["unreadable_lines"]) == (500, 30)
    assert reviewed.complete


def test_a_line_as_long_as_a_log_is_one_line_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_blocks, "_BLOCK_BYTES", 1_000)
    monkeypatch.setattr(log_blocks, "_LONGEST_BYTES", 4_000)
    figures = _reviewed(tmp_path, _line(1, "a"), "x" * 100_000, _line(2, "b")).figures
    assert (figures["log_lines"], figures["unreadable_lines"]) == (2, 1)


def test_the_memory_of_a_review_does_not_grow_with_the_log(tmp_path: Path) -> None:
    path = tmp_path / "worker-1.log"
    dice = random.Random(1)
    peaks = []
    for count in (4_000, 40_000):
        path.write_text(
            "".join(f"{_line(1, f'ed-{number}', total_ms=round(dice.random(), 2))}\n" for number in range(count))
        )
        tracemalloc.start()
        review(STAGING, log_files(path), NOON, LogQuery(statuses_only=frozenset({"ed-1"})))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5


def test_percentiles_of_many_values_are_rounded_up_by_a_thousandth_at_most() -> None:
    dice = random.Random(1)
    values = [dice.lognormvariate(3, 1) for _ in range(250_000)]
    tally = Tally()
    for start in range(0, len(values), 1_000):
        tally.add(values[start : start + 1_000])
    ordered = sorted(values)
    for share in (0.0, 0.5, 0.95, 0.99, 1.0):
        exact = ordered[min(int(len(ordered) * share), len(ordered) - 1)]
        told = tally.percentile(share)
        assert told is not None
        assert exact <= told <= exact * 1.001


def test_the_log_is_read_again_until_it_has_what_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "worker-1.log"
    path.write_text(_line(1, "a") + "\n")
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            path.write_text(_line(1, "a") + "\n" + _line(2, "b") + "\n")

    monkeypatch.setattr("time.sleep", sleep)
    assert review_when_written(STAGING, log_files(path), NOON, LogQuery(statuses_only=frozenset("b"))).complete
    assert slept == [1.0, 2.0]
    assert not review_when_written(STAGING, log_files(path), NOON, LogQuery(statuses_only=frozenset("c"))).complete
    assert slept[2:] == [1.0, 2.0, 5.0]


def test_a_log_that_lacks_the_last_request_is_looked_at_for_half_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "worker-1.log"
    path.write_text(_line(1, "a") + "\n")
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if sum(slept) > 12:
            path.write_text(_line(1, "a") + "\n" + _line(2, "b") + "\n")

    monkeypatch.setattr("time.sleep", sleep)
    reviewed = review_when_written(STAGING, log_files(path), NOON, LogQuery(statuses_only=frozenset("b"), last="b"))
    assert (reviewed.complete, reviewed.written, reviewed.ends) == (True, True, NOON + 2)
    assert slept == [1.0, 2.0, 5.0, 10.0]
    assert reviewed.waited >= 18
