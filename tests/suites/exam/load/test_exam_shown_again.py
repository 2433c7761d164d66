"""A reload shows the exam that was started: the same questions, choices, words and clock. What one of the two pages
does not show accuses nobody."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.evidence.figures import ActorFate
from tests.load.fake_exam import FakeExam, status

from .sitting import script, sit

_END = datetime(2030, 5, 4, 12, tzinfo=UTC)


def _question(number: int, texts: str = "xy", keys: str = "AB") -> dict[str, Any]:
    choices = [{"key": key, "text": text} for key, text in zip(keys, texts, strict=True)]
    return {"question_id": f"q{number}", "stem": f"What is {number}?", "choices": choices}


def _exam(*questions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    asked = list(questions or map(_question, range(2)))
    answers = [{"question_id": "q0", "choice": "A"}]
    return {
        "session_id": "s-1",
        "questions": asked,
        "answers": answers,
        "expires_at": _END.isoformat(),
        "remaining_seconds": 3600.0,
        **fields,
    }


def _reloaded(folder: Path, page: dict[str, Any], start: dict[str, Any] | None = None, **fields: Any) -> ActorFate:
    """The fate of a candidate who answers the first question and reloads the page."""
    exam = FakeExam()
    exam.disturb("create", status(201, start or _exam()))
    exam.disturb("read", status(200, page))
    return sit(exam, folder, script(0, 0, resume_before=1), questions=2, **fields).fate


def test_the_same_exam_shows_nothing_wrong_and_the_shown_end_is_noted(tmp_path: Path) -> None:
    fate = _reloaded(tmp_path, _exam(remaining_seconds=3599.5))
    assert (fate.shown_wrongly, fate.compared["read"], fate.shown_end) == ((), 1, _END.timestamp())


@pytest.mark.parametrize(
    ("page", "told"),
    [
        (
            _exam(_question(0), _question(1, "yx")),
            "read: other words for the questions or choices: question 2 is now {'id': 'q1', 'stem': 'What is 1?', "
            "'choices': [{'key': 'A', 'text': 'y'}, {'key'…",
        ),
        (_exam(_question(1), _question(0)), "read: question 1 is q1, at the start q0"),
        (_exam(_question(0)), "read: 1 questions, at the start 2"),
        (_exam(_question(0), _question(1, "xz", "AC")), "read: the choices of question 2 are A, C, at the start A, B"),
        (
            _exam(expires_at="2030-05-04T12:30:00Z"),
            "read: the end of the exam is 2030-05-04 12:30:00 UTC, at the start 2030-05-04 12:00:00 UTC",
        ),
        (_exam(remaining_seconds=0), "read: 0 s left, 0 s before it were 3600 s"),
    ],
    ids=["other texts", "another order", "a question less", "another choice", "another end", "no time left"],
)
def test_what_a_reload_shows_in_another_way_is_told(tmp_path: Path, page: dict[str, Any], told: str) -> None:
    fate = _reloaded(tmp_path, page)
    assert fate.shown_wrongly[0] == told
    assert fate.story == f"reloaded the page, which shows {told.removeprefix('read: ')}"


@pytest.mark.parametrize(
    ("page", "start"),
    [
        (_exam(questions=None, expires_at=None, remaining_seconds=None), None),
        (_exam(), _exam(expires_at=None, remaining_seconds=None)),
        (_exam(expires_at="2030-05-04T17:00:00"), None),
        (_exam(expires_at="2030-05-04T12:00:45Z", remaining_seconds=3560), None),
        (_exam(*({"question_id": f"q{number}"} for number in range(2))), None),
    ],
    ids=["nothing on the page", "no clock at the start", "no time zone", "whole minutes", "no choices on the page"],
)
def test_what_one_page_does_not_show_or_rounds_accuses_nobody(
    tmp_path: Path, page: dict[str, Any], start: dict[str, Any] | None
) -> None:
    without_words = {"wording": "nowhere"} if "stem" not in str(page) else {}
    fate = _reloaded(tmp_path, page, start, contract=_contract(without_words))
    assert fate.shown_wrongly == ()


def _contract(finds: dict[str, str]) -> Any:

    read = CONTRACT.read.model_copy(update={"finds": {**CONTRACT.read.finds, **finds}})
    return CONTRACT.model_copy(update={"read": read})


def test_an_exam_that_begins_without_time_is_told(tmp_path: Path) -> None:
    fate = _reloaded(tmp_path, _exam(remaining_seconds=0), _exam(remaining_seconds=0))
    assert fate.shown_wrongly[0] == "create: an exam that was just opened has 0 s left"


def test_in_a_drill_a_later_end_is_right_because_a_platform_may_give_lost_time_back(tmp_path: Path) -> None:
    shown_wrongly = _shown_in_drill(tmp_path, remaining_seconds=5400, expires_at="2030-05-04T12:30:00Z")
    assert len(shown_wrongly) == 1
    assert shown_wrongly[0].startswith("read: other words for the questions or choices: question 2")


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        (
            {"expires_at": "2030-05-04T11:20:00Z", "remaining_seconds": 1200},
            "read: the end of the exam is 2030-05-04 11:20:00 UTC, at the start 2030-05-04 12:00:00 UTC",
        ),
        ({"expires_at": None, "remaining_seconds": 1200}, "read: 1200 s left, 0 s before it were 3600 s"),
    ],
    ids=["an earlier end", "less time left"],
)
def test_in_a_drill_an_earlier_end_is_wrong(tmp_path: Path, clock: dict[str, Any], expected: str) -> None:
    assert _shown_in_drill(tmp_path, **clock)[-1] == expected


def _shown_in_drill(tmp_path: Path, **clock: Any) -> tuple[str, ...]:
    """What a reload after a fault shows wrongly if it has this clock, and other words for a question."""
    exam, stop = FakeExam(), asyncio.Event()
    exam.disturb("create", status(201, _exam()))
    moved = _exam(_question(0), _question(1, "yx"), **clock)

    async def page(request: Any) -> Any:
        stop.set()
        return await status(200, moved)(request)

    exam.disturb("read", page)
    return sit(
        exam, tmp_path, script(0, 0, resume_before=1), stop=stop, until="stopped", questions=2
    ).fate.shown_wrongly
