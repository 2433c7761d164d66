"""Compares the pages that a candidate is shown with its answers and with what the platform acknowledged."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from pytest_examday.contract.contract import Contract
from pytest_examday.contract.operation import Operation
from pytest_examday.integrity.uuid_spelling import canonical, same_text_or_uuid
from pytest_examday.suites.exam.candidates.first_page import comparable_questions, wrong_questions
from pytest_examday.suites.exam.candidates.scores import right_answers, same_score
from pytest_examday.suites.exam.candidates.shown_exam import ShownExam
from pytest_examday.suites.exam.candidates.values_by_question import values_by_question
from pytest_examday.suites.exam.load.reply_bodies import Question, Unusable, answers_in

_REPORTED = 5
"""Differences of one page that are reported one by one; the others are counted."""
_NOTHING = "nothing"


class PageComparison:
    """Compares the pages of one candidate, and keeps what differs.

    `questions` is the number of questions that was asked for. `right_choices` are those of the review, by questions
    that can be compared with those of other candidates.
    `shown_wrongly` has one text for each difference: page, question, expected and shown value.
    `compared` counts the pages of each operation that could be compared. `not_comparable` maps an operation to the
    reason why a page of it could not be compared. `shown_end` is the end of the exam on the first page that shows one
    (seconds since the epoch); None if no page shows one. With `more_time` a reload may show a later end than the start:
    a platform may give back the time that an outage took. An earlier end is wrong in any case.
    """

    def __init__(self, contract: Contract, questions: int, *, more_time: bool = False) -> None:
        self._contract = contract
        self._asked_for = questions if contract.create.sends("question_count") else None
        self._session: Any = None
        self._names: dict[str, str] = {}
        self.right_choices: dict[str, str] = {}
        self._more_time = more_time
        self._start = ShownExam()
        self.shown_end: float | None = None
        self.shown_wrongly: list[str] = []
        self.compared: Counter[str] = Counter()
        self.not_comparable: dict[str, str] = {}

    def opened(self, operation: Operation, body: Any, at: float) -> str | None:
        """Keep what the start of the exam shows; `at` is when the page came (seconds since the epoch). A start may have
        two pages: the reply to create, and the page of the exam. Returns a remark if its questions are wrong, or if no
        time is left."""
        find = partial(operation.find, body=body)
        shown = ShownExam.of(find, at)
        self._session = self._session or find("session_id")
        wrong = list(wrong_questions(shown, find, self._asked_for)) if self._start.questions is None else []
        self.shown_wrongly += (f"create: an exam that was just opened has {difference}" for difference in wrong)
        self._names = self._names or comparable_questions(shown, find)
        self._start = self._start.completed_by(shown)
        self._note_end(shown)
        if shown.left is None or shown.left > 0:
            return f"opened the exam, which has {wrong[0]}" if wrong else None
        self.shown_wrongly.append(f"create: an exam that was just opened has {shown.left:g} s left")
        return f"opened the exam, which had {shown.left:g} s left"

    def saved(self, question: Question, value: str, body: Any) -> str | None:
        """Compare an answer with the value that the platform reports as saved; returns a remark if they differ."""
        saved = self._contract.answer.find("saved", body)
        if not _is_value(saved):
            return None
        self.compared["answer"] += 1
        if str(saved) == value:
            return None
        self.shown_wrongly.append(_difference("answer", question.id, value, str(saved)))
        return f"answered {value} and the platform said that it saved {saved}"

    def reload(self, questions: Iterable[Question], given: Mapping[str, str], body: Any, at: float) -> str | None:
        """Compare a reloaded page with the start of the exam and with the answers that were given; returns a remark if
        they differ. `at` is when the page came (seconds since the epoch)."""
        changed, comparable = self._changed(body, at)
        if "answers" not in self._contract.read.finds:
            self.compared["read"] += comparable
            return changed
        try:
            shown = answers_in(self._contract.read, body)
        except Unusable as problem:
            self.not_comparable["read"] = str(problem)
            return f"reloaded the page, which {problem}"
        wrong = self._answers("read", questions, given, shown)
        return f"reloaded the page and {wrong} answers were not as acknowledged" if wrong else changed

    def _changed(self, body: Any, at: float) -> tuple[str | None, bool]:
        """A remark if a reloaded page shows another exam than its start, and whether the two could be compared."""
        find = partial(self._contract.read.find, body=body)
        shown = ShownExam.of(find, at)
        self._note_end(shown)
        different = tuple(self._start.differences(shown, find, more_time=self._more_time))
        session = find("session_id")
        if None not in (session, self._session) and not same_text_or_uuid(str(session), str(self._session)):
            different = (f"session {session}, and {self._session} was opened", *different)
        self.shown_wrongly += (f"read: {difference}" for difference in different)
        remark = f"reloaded the page, which shows {different[0]}" if different else None
        return remark, self._start.compares(shown)

    def _note_end(self, shown: ShownExam) -> None:
        self.shown_end = shown.end if self.shown_end is None else self.shown_end

    def review(
        self, questions: Iterable[Question], given: Mapping[str, str], score: str | None, body: Any
    ) -> str | None:
        """Compare the review with the answers that were given and with the score of the submission; returns a remark if
        they differ. A review may show only one of them."""
        review = self._contract.review
        if review is None:
            return None
        shown_score = review.find("score", body)
        right = _right(review, body)
        self.right_choices = {
            self._names[question]: choice for question, choice in right.items() if question in self._names
        }
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
        if scored and not same_score(score, shown_score):
            self.shown_wrongly.append(f"review: expected the score {score} of the submission, shown {shown_score}")
            return f"read the review and its score was {shown_score} instead of {score}"
        earned = _earned(review, given, body)
        if scored and not wrong and earned is not None and not same_score(earned, shown_score):
            words = f"the score is {shown_score}, and by the right choices that it shows {earned} answers are right"
            self.shown_wrongly.append(f"review: {words}")
            return f"read the review: {words}"
        return f"read the review and {wrong} answers were not as acknowledged" if wrong else None

    def _answers(
        self, page: str, questions: Iterable[Question], given: Mapping[str, str], shown: Mapping[str, Any]
    ) -> int:
        """Note each question that is not shown as it was answered; returns how many. If a page shows an answer although
        none was given, that is wrong only if it is one of the question's choices: the page may have a word for
        blanks."""
        self.compared[page] += 1
        values = {canonical(question): str(value) for question, value in shown.items() if value is not None}
        wrong = []
        for question in questions:
            expected, on_page = given.get(question.id), values.get(canonical(str(question.id)))
            if expected != on_page and (expected is not None or question.offers(on_page)):
                wrong.append(_difference(page, question.id, expected or _NOTHING, on_page or _NOTHING))
        own = {canonical(question.id) for question in questions}
        wrong += [f"{page}: question {name} is not one of this exam" for name in values if name not in own]
        self.shown_wrongly += wrong[:_REPORTED]
        if len(wrong) > _REPORTED:
            self.shown_wrongly.append(f"{page}: {len(wrong) - _REPORTED} more questions not as answered")
        return len(wrong)


def _right(review: Operation, body: Any) -> dict[str, str]:
    """The right choices that a review shows, by question."""
    shown = values_by_question(review.find("correct", body)) or {}
    return {canonical(str(question)): str(choice) for question, choice in shown.items() if choice is not None}


def _earned(review: Operation, given: Mapping[str, str], body: Any) -> int | None:
    """How many answers are right by the right choices of a review; None if it shows none."""
    right = values_by_question(review.find("correct", body)) or {}
    return right_answers(given, right) if any(choice is not None for choice in right.values()) else None


def _difference(page: str, question: str, expected: str, shown: str) -> str:
    return f"{page}, question {question}: expected {expected}, shown {shown}"


def _is_value(found: Any) -> bool:
    """Whether the reply holds a value to compare, and not just a word that something was done."""
    return isinstance(found, str | int | float) and not isinstance(found, bool)
