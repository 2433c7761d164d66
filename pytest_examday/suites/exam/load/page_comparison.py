"""What a candidate is shown, compared with what it gave and what the platform had acknowledged."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from pytest_examday.contract.contract import Contract
from pytest_examday.contract.operation import Operation
from pytest_examday.contract.values import as_number
from pytest_examday.integrity.uuid_spelling import canonical
from pytest_examday.suites.exam.load.reply_bodies import Question, Unusable, answers_in

_TOLD = 5
"""Differences of one page that are told one by one; the others are counted."""
_NOTHING = "nothing"


class PageComparison:
    """Compares the pages of one candidate, and keeps what differs.

    `shown_wrongly` has one text for each difference: where, which question, what was expected and what was shown. `compared` counts
    the pages of each operation that could be compared. `not_comparable` says of an operation why a page could not be.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self.shown_wrongly: list[str] = []
        self.compared: Counter[str] = Counter()
        self.not_comparable: dict[str, str] = {}

    def saved(self, question: Question, value: str, body: Any) -> str | None:
        """Compare an answer with what the platform says that it saved; a remark where they differ."""
        saved = self._contract.answer.find("saved", body)
        if not _is_value(saved):
            return None
        self.compared["answer"] += 1
        if str(saved) == value:
            return None
        self.shown_wrongly.append(_difference("answer", question.id, value, str(saved)))
        return f"answered {value} and the platform said that it saved {saved}"

    def reload(self, questions: Iterable[Question], given: Mapping[str, str], body: Any) -> str | None:
        """Compare a reloaded page with the answers that were given; a remark where they differ."""
        if "answers" not in self._contract.read.finds:
            return None
        try:
            shown = answers_in(self._contract.read, body)
        except Unusable as problem:
            self.not_comparable["read"] = str(problem)
            return f"reloaded the page, which {problem}"
        wrong = self._answers("read", questions, given, shown)
        return f"reloaded the page and {wrong} answers were not as acknowledged" if wrong else None

    def review(
        self, questions: Iterable[Question], given: Mapping[str, str], score: str | None, body: Any
    ) -> str | None:
        """Compare the review with the answers that were given and with the score of the submission; a remark where they
        differ. A review may show less."""
        review = self._contract.review
        if review is None:
            return None
        shown_score = review.find("score", body)
        scored = score is not None and _is_value(shown_score)
        shows_answers = review.find("answers", body) is not None
        if not scored and not shows_answers:
            self.not_comparable["review"] = "shows neither score nor answers"
            return None
        wrong = 0
        if shows_answers:
            try:
                wrong = self._answers("review", questions, given, answers_in(review, body))
            except Unusable as problem:
                self.not_comparable["review"] = str(problem)
                return f"read the review, which {problem}"
        else:
            self.compared["review"] += 1
        if scored and not _same_score(str(score), shown_score):
            self.shown_wrongly.append(f"review: expected the score {score} of the submission, shown {shown_score}")
            return f"read the review and its score was {shown_score} instead of {score}"
        earned = _earned(review, given, body)
        if scored and not wrong and earned is not None and not _same_score(str(earned), shown_score):
            told = f"the score is {shown_score}, and by the right choices that it tells {earned} answers are right"
            self.shown_wrongly.append(f"review: {told}")
            return f"read the review: {told}"
        return f"read the review and {wrong} answers were not as acknowledged" if wrong else None

    def _answers(
        self, page: str, questions: Iterable[Question], given: Mapping[str, str], shown: Mapping[Any, Any]
    ) -> int:
        """Note each question that is not shown as it was answered; returns how many. A page that shows an answer where
        none was given is wrong only if it is one of the question's choices: it may have a word for blank ones."""
        self.compared[page] += 1
        seen = {canonical(str(question)): str(value) for question, value in shown.items() if value is not None}
        wrong = []
        for question in questions:
            expected, found = given.get(question.id), seen.get(canonical(str(question.id)))
            if expected != found and (expected is not None or question.offers(found)):
                wrong.append(_difference(page, question.id, expected or _NOTHING, found or _NOTHING))
        self.shown_wrongly += wrong[:_TOLD]
        if len(wrong) > _TOLD:
            self.shown_wrongly.append(f"{page}: {len(wrong) - _TOLD} more questions not as answered")
        return len(wrong)


def _earned(review: Operation, given: Mapping[str, str], body: Any) -> int | None:
    """How many answers are right by the right choices of a review; None where it tells none."""
    found = review.find("correct", body)
    entries = [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
    told = [entry for entry in entries if entry.get("value") is not None]
    right = {canonical(str(entry.get("question"))): str(entry["value"]) for entry in told}
    return sum(right.get(canonical(question)) == value for question, value in given.items()) if right else None


def _difference(page: str, question: str, expected: str, shown: str) -> str:
    return f"{page}, question {question}: expected {expected}, shown {shown}"


def _is_value(found: Any) -> bool:
    """Whether the answer holds a value to compare, and not just a word that it did something."""
    return isinstance(found, str | int | float) and not isinstance(found, bool)


def _same_score(told: str, shown: Any) -> bool:
    """Whether two scores are the same number, however they are written."""
    number, other = as_number(told), as_number(shown)
    if number is None or other is None:
        return told == str(shown)
    return math.isclose(number, other)
