"""Answers, right choices and marks are read in one way, wherever a page lists them."""

from typing import Any

import pytest

from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.integrity.stored_state import StoredSubject, UnreadableSubject
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate, shows_answers
from pytest_examday.suites.exam.candidates.scores import right_answers, same_score
from pytest_examday.suites.exam.candidates.values_by_question import values_by_question
from pytest_examday.suites.exam.load.reply_bodies import Unusable, answers_in
from pytest_examday.suites.exam.rules.trials.answers_shown import as_earned, right_choices
from pytest_examday.suites.exam.stored_exams.api_source import _stored_subject
from pytest_examday.target.api import Reply

_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
_LISTED = CONTRACT.read.model_copy(update={"finds": {"answers": "answers", "score": "score", "correct": "correct"}})
_UNREADABLE: list[Any] = [["A", "B"], [{"question": "q0", "value": "A"}, "B"], [{"value": "A"}], "A", 3]


def _page(answers: Any, **more: Any) -> Reply:
    return Reply(_LISTED, 200, {"answers": answers, **more}, "ed-1", 1.0)


def test_a_blank_has_no_value_however_a_page_writes_it() -> None:
    entries = [{"question": 1, "value": ""}, {"question": "q1", "value": None}, {"question": "q2"}, {"value": None}]
    assert values_by_question(entries) == {"1": None, "q1": None, "q2": None}
    assert values_by_question([]) == {}


@pytest.mark.parametrize("found", _UNREADABLE, ids=str)
def test_a_list_with_an_entry_that_cannot_be_read_is_read_by_nobody(found: Any) -> None:
    page = _page(found)
    assert values_by_question(found) is None
    assert not shows_answers(page)
    assert isinstance(_stored_subject(page, "SUBMITTED", page), UnreadableSubject)
    with pytest.raises(Unusable, match="answers without question and value"):
        answers_in(_LISTED, page.body)


def test_every_reader_reads_the_same_answers() -> None:
    page = _page([{"question": "q0", "value": "A"}, {"question": "q1", "value": ""}])
    stored = _stored_subject(page, "SUBMITTED", page)
    assert isinstance(stored, StoredSubject)
    assert stored.values == answers_in(_LISTED, page.body) == values_by_question(page.body["answers"])


def _sat() -> ProbeCandidate:
    target: Any = None
    login: Any = None
    questions = [{"id": _ID, "sent": _ID, "choices": ["A", "B"]}]
    return ProbeCandidate(target, login, "s-1", questions, given={_ID: "A"})


def test_a_review_that_spells_ids_in_another_way_earns_the_same_score() -> None:
    right = [{"question": _ID.upper(), "value": "A"}]
    review = _page([], correct=right, score="1.0")
    assert right_choices(_sat(), review) == {_ID: "A"}
    assert as_earned(_sat(), review).held is True
    assert as_earned(_sat(), _page([], correct=right, score=0)).held is False


def test_scores_are_compared_as_numbers_and_right_answers_counted_by_id() -> None:
    assert same_score("3", 3.0)
    assert same_score("A+", "A+")
    assert not same_score(3, 2)
    assert right_answers({_ID: "A", "q1": "B"}, {_ID.upper(): "A", "q1": "C", "q2": None}) == 1
