"""The version of an answer is the one that was read or saved last."""

import pytest

from pytest_examday.contract.contract import Contract
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.suites.exam.candidates.answer_versions import AnswerVersions

READ = CONTRACT.read.model_copy(update={"finds": {"versions": "items[].{question: nr, value: version}"}})
ANSWER = CONTRACT.answer.model_copy(update={"finds": {"version": "version"}, "body": {"version": "{version}"}})
PAGE = {"items": [{"nr": 1, "version": 4}, {"nr": 2, "version": None}]}


def test_a_page_tells_the_versions_of_all_answers() -> None:
    versions = AnswerVersions()
    versions.shown(READ, PAGE)
    assert [versions.of(question) for question in ("1", "2", "3")] == [4, None, None]


def test_a_saved_answer_tells_its_next_version() -> None:
    versions = AnswerVersions()
    versions.shown(READ, PAGE)
    versions.saved(ANSWER, "1", {"version": 5})
    versions.saved(ANSWER, "1", {"saved": True})
    assert versions.of("1") == 5


def test_a_copy_stays_as_it_was() -> None:
    versions = AnswerVersions({"1": 4})
    before = versions.copy()
    versions.saved(ANSWER, "1", {"version": 5})
    assert (before.of("1"), versions.of("1")) == (4, 5)


@pytest.mark.parametrize("page", [None, [], {"items": "x"}, {"items": [7]}, "page"])
def test_a_page_that_tells_none_changes_nothing(page: object) -> None:
    versions = AnswerVersions({"1": 4})
    versions.shown(READ, page)
    assert versions.of("1") == 4


def test_a_contract_says_whether_answers_have_versions() -> None:
    own = Contract.model_validate(dict(CONTRACT) | {"answer": ANSWER})
    assert (CONTRACT.answer.sends("version"), own.answer.sends("version")) == (False, True)
