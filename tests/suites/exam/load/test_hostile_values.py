"""Whatever a platform puts in place of a value, a candidate's exam ends with a fate that can be written and read."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from pytest_examday.evidence.figures import ActorFate
from pytest_examday.load.load_files import LoadFiles
from tests.load.fake_exam import FakeExam, status
from tests.suites.exam.load.sitting import plan_for, script, sit

_HUGE = int("9" * 400)
_LINES = "a\u2028b\u2029c\x85d\x0be"
_HALF = "\ud800"
_VALUES = {
    "login": ("expires_in", (_HUGE, float("nan"), "1e999", {})),
    "create": ("session_id", (_HUGE, _LINES, _HALF, "\x00")),
    "answer": ("choice", (_HUGE, float("nan"), _LINES, _HALF)),
    "submit": ("score", (_HUGE, float("inf"), _HALF, "first class")),
    "review": ("score", (_HUGE, _HALF, [])),
}
_CASES = [(operation, key, value) for operation, (key, values) in _VALUES.items() for value in values]


def _planted(exam: FakeExam, operation: str, key: str, value: Any) -> None:
    """The fake platform answers this operation with this value in this place."""
    answer = getattr(exam, f"_{operation}")

    def answered(body: dict[str, Any]) -> httpx.Response:
        response: httpx.Response = answer(body)
        content = json.dumps({**json.loads(response.content), key: value})
        return httpx.Response(response.status_code, content=content)

    setattr(exam, f"_{operation}", answered)


@pytest.mark.parametrize(("operation", "key", "value"), _CASES, ids=lambda item: ascii(item)[:20])
def test_a_fate_is_written_and_read_whatever_the_platform_sent(
    tmp_path: Path, operation: str, key: str, value: Any
) -> None:
    exam = FakeExam()
    _planted(exam, operation, key, value)
    fate = sit(exam, tmp_path, script(0, 1)).fate
    plan = plan_for(tmp_path)
    Path(plan.fates).write_text(f"{fate.to_json()}\n" * 2, encoding="utf-8")
    read = LoadFiles([plan]).fates()
    assert len(read) == 2
    assert read[0] == ActorFate.model_validate_json(fate.to_json())
    assert read[0].actor == fate.actor


def test_half_of_a_surrogate_pair_that_k6_has_written_as_an_escape_is_read(tmp_path: Path) -> None:
    fate = sit(FakeExam(), tmp_path).fate
    plan = plan_for(tmp_path)
    line = fate.model_copy(update={"story": "shown PLACE, \U0001f600"}).to_json().replace("PLACE", "\\ud800")
    Path(plan.fates).write_text(f"{line}\n", encoding="utf-8")
    assert LoadFiles([plan]).fates()[0].story == "shown \N{REPLACEMENT CHARACTER}, \U0001f600"


def test_a_fate_is_short_however_long_the_values_are(tmp_path: Path) -> None:
    exam = FakeExam()
    _planted(exam, "answer", "choice", "x" * 1_000_000)
    assert len(sit(exam, tmp_path, script(0, 1)).fate.to_json()) < 10_000


@pytest.mark.parametrize("seconds", ["9" * 400, "86400"])
def test_a_request_to_wait_for_ever_is_obeyed_until_patience_ends(tmp_path: Path, seconds: str) -> None:
    exam = FakeExam()
    exam.disturb("create", *[status(503, **{"Retry-After": seconds})] * 9)
    fate = sit(exam, tmp_path).fate
    assert not fate.finished
    assert fate.worst_wait_ms < 6000, "patience is 5 s"


def test_words_that_lie_deep_in_a_refusal_are_not_looked_for(tmp_path: Path) -> None:
    exam = FakeExam()

    async def deep(request: httpx.Request) -> httpx.Response:
        return httpx.Response(400, content=b'{"detail":' + b"[" * 700 + b"]" * 700 + b"}")

    exam.disturb("create", deep)
    assert "was refused with HTTP 400" in sit(exam, tmp_path).fate.story
