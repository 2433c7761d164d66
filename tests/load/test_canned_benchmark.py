"""The canned platform of the benchmarks speaks the reference contract."""

from pathlib import Path

import pytest

from benchmarks.canned import BODIES, CHOICE, QUESTIONS, configuration
from pytest_examday.contract.embedded_preset import CONTRACT

NEEDED = {
    "login": {"access_token", "refresh_token", "lifetime", "owner"},
    "refresh": {"access_token", "refresh_token", "lifetime", "owner"},
    "create": {"session_id", "status", "questions", "wording", "remaining"},
    "read": {"session_id", "status", "questions", "wording", "answers", "marked", "remaining"},
    "answer": {"saved"},
    "submit": {"score", "status"},
    "review": {"score", "answers", "correct", "marks"},
}


@pytest.mark.parametrize("name", NEEDED)
def test_a_canned_answer_holds_what_a_candidate_looks_for(name: str) -> None:
    _, status, body = BODIES[name]
    operation = getattr(CONTRACT, name)
    assert operation.accepted(status, body)
    assert {place for place in operation.finds if operation.find(place, body) is not None} == NEEDED[name]


def test_whoever_chooses_gets_back_what_was_chosen() -> None:
    questions = CONTRACT.create.find("questions", BODIES["create"][2])
    assert len(questions) == QUESTIONS
    assert {choice for question in questions for choice in question["choices"]} == {CHOICE}
    assert CONTRACT.answer.find("saved", BODIES["answer"][2]) == CHOICE


def test_no_parameter_is_longer_than_nginx_reads() -> None:
    assert max(map(len, configuration(Path("/tmp/folder"), 8000).splitlines())) < 4000
