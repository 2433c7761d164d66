"""A candidate of the load sits the exam that it asked for, its own from the start to the review, and is marked as
others are. What a page does not show accuses nobody."""

from pathlib import Path
from typing import Any

import pytest

from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.evidence.figures import ActorFate
from pytest_examday.suites.exam.load.right_choices import compare_right_choices
from tests import builders
from tests.load.fake_exam import FakeExam, status

from .sitting import script, sit

_OPENED = "create: an exam that was just opened has "
_LINE = "candidates-see-what-was-acknowledged"


def _question(number: int, text: str | None = None, choices: str = "ABC") -> dict[str, Any]:
    worded = [{"key": key, "text": f"{key}{number if text is None else ''}"} for key in choices]
    return {"question_id": f"q{number}", "stem": text or f"What is {number}?", "choices": worded}


_ASKED = tuple(_question(number) for number in range(3))


def _sat(
    folder: Path,
    asked: tuple[dict[str, Any], ...] = _ASKED,
    *,
    name: str = "ada",
    right: str | None = None,
    page: dict[str, Any] | None = None,
    **fields: Any,
) -> ActorFate:
    """The fate of a candidate who is asked these questions and answers all of them with B. The review calls the choice
    `right` of each question right; `page` is shown in a reload."""
    exam = FakeExam()
    exam.disturb("create", status(201, {"session_id": "s-1", "questions": list(asked)}))
    ids = [question["question_id"] for question in asked]
    given = [{"question_id": question, "choice": "B"} for question in ids]
    shown = [{**one, "correct_choice": right} for one in given] if right else given
    exam.disturb("submit", status(200, {"status": "SUBMITTED", "score": len(ids) if right in ("B", None) else 0}))
    exam.disturb("review", status(200, {"score": len(ids) if right in ("B", None) else 0, "questions": shown}))
    if page is not None:
        exam.disturb("read", status(200, {"session_id": "s-1", "answers": given[:1], **page}))
    (folder / name).mkdir(exist_ok=True)
    written = script(*range(len(ids)), resume_before=None if page is None else 1)
    fate = sit(exam, folder / name, written, **fields).fate
    return fate.model_copy(update={"actor": name})


def test_the_exam_that_was_asked_for_is_right(tmp_path: Path) -> None:
    assert _sat(tmp_path, right="B", page={"questions": list(_ASKED)}).shown_wrongly == ()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (_ASKED[:2], "2 questions, and 3 were asked for"),
        ((*_ASKED, _question(3)), "4 questions, and 3 were asked for"),
        ((_ASKED[0], _ASKED[1], _ASKED[0]), "question q0 comes 2 times"),
        (
            tuple(_question(number, "The same?") for number in range(3)),
            "3 questions with the same text and choices: {'stem': 'The same?', 'choices': [{'key': 'A', 'text': 'A'}, ",
        ),
        ((_ASKED[0], _question(1, "Same?"), _question(2, "Same?")), "2 questions with the same text and choices: {'"),
    ],
    ids=["one less", "one more", "one twice", "all alike", "two alike"],
)
def test_an_exam_with_other_questions_than_were_asked_for_is_told(
    tmp_path: Path, asked: tuple[dict[str, Any], ...], told: str
) -> None:
    fate = _sat(tmp_path, asked)
    assert fate.shown_wrongly[0].startswith(f"{_OPENED}{told}")
    made = builders.line(_LINE, **{**builders.good_run(), "load": builders.load(fates=(builders.fate("bob"), fate))})
    assert made.outcome == "fail"
    assert f"1 of 2 candidates were shown something else than was acknowledged; first: ada, session s-1: {_OPENED}" in (
        made.reason
    )


@pytest.mark.parametrize(
    ("asked", "finds"),
    [
        (tuple(_question(number, "Which?", choices) for number, choices in enumerate(("ABC", "CBA", "ABCD"))), {}),
        (_ASKED, {"wording": "questions[].choices[].key | [[@, @], [@, @], [@, @]] | [0]"}),
        (tuple({**one, "stem": "Which?"} for one in _ASKED), {"wording": "questions[].{id: question_id, stem: stem}"}),
    ],
    ids=["other choices", "the choices alone", "the text alone"],
)
def test_questions_that_may_differ_in_what_is_not_shown_accuse_nobody(
    tmp_path: Path, asked: tuple[dict[str, Any], ...], finds: dict[str, str]
) -> None:
    create = CONTRACT.create.model_copy(update={"finds": {**CONTRACT.create.finds, **finds}})
    assert _sat(tmp_path, asked, contract=CONTRACT.model_copy(update={"create": create})).shown_wrongly == ()


def test_a_platform_that_is_asked_for_no_number_chooses_it(tmp_path: Path) -> None:
    create = CONTRACT.create.model_copy(update={"body": {}})
    contract = CONTRACT.model_copy(update={"create": create})
    assert _sat(tmp_path, _ASKED[:2], contract=contract).shown_wrongly == ()


def test_a_reload_of_another_session_is_told(tmp_path: Path) -> None:
    fate = _sat(tmp_path, page={"session_id": "s-2", "questions": list(_ASKED)})
    assert fate.shown_wrongly == ("read: session s-2, and s-1 was opened",)


def test_answers_to_questions_of_another_exam_are_told(tmp_path: Path) -> None:
    answers = [{"question_id": "q0", "choice": "B"}, {"question_id": "q9", "choice": "A"}]
    fate = _sat(tmp_path, page={"answers": answers})
    assert fate.shown_wrongly == ("read: question q9 is not one of this exam",)


def test_one_candidate_who_is_marked_by_another_key_is_found(tmp_path: Path) -> None:
    fates = [_sat(tmp_path, name=name, right=right) for name, right in (("ada", "B"), ("bob", "B"), ("eve", "A"))]
    assert [fate.shown_wrongly for fate in fates] == [(), (), ()], "each review agrees with itself"
    ada, bob, eve = compare_right_choices(fates)
    assert (ada.shown_wrongly, bob.shown_wrongly) == ((), ())
    assert eve.shown_wrongly == (
        "review, question q0: the right choice is A, and B for 2 of 3 candidates who were shown the same question",
        "review: 2 more questions with another right choice",
    )
    made = builders.line(_LINE, **{**builders.good_run(), "load": builders.load(fates=(ada, bob, eve))})
    assert made.outcome == "fail"
    assert "1 of 3 candidates were shown something else than was acknowledged; first: eve, session s-1" in made.reason


def test_of_two_keys_neither_is_believed(tmp_path: Path) -> None:
    fates = compare_right_choices(
        _sat(tmp_path, name=name, right=right) for name, right in (("ada", "B"), ("bob", "A"))
    )
    assert all("candidates who were shown the same question" in fate.shown_wrongly[0] for fate in fates)


def test_right_choices_of_questions_with_moved_letters_accuse_nobody(tmp_path: Path) -> None:
    moved = tuple({**one, "choices": one["choices"][::-1]} for one in _ASKED)
    fates = (_sat(tmp_path, name="ada", right="B"), _sat(tmp_path, moved, name="bob", right="A"))
    assert [fate.shown_wrongly for fate in compare_right_choices(fates)] == [(), ()]
