"""A candidate whose steps the rehearsal makes one by one: each step of a short exam is one call, and can become a
probe."""

import time
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pytest_examday.config.accounts import Account
from pytest_examday.contract.templates import Values
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.probe import Probe
from pytest_examday.integrity.uuid_spelling import same_text_or_uuid
from pytest_examday.monotonic_clock import now
from pytest_examday.suites.exam.candidates.answer_versions import AnswerVersions
from pytest_examday.suites.exam.candidates.shown_exam import ShownExam
from pytest_examday.suites.exam.candidates.values_by_question import values_by_question

if TYPE_CHECKING:
    from pytest_examday.target.api import LoginResult, Reply
    from pytest_examday.target.target import Target

_QUESTIONS = 5
_LIMITED = 429
_WORDS = 120
"""How many characters of a refusal are kept."""


@dataclass
class ProbeCandidate:
    """A candidate who is logged in, and the exam session that the steps have opened so far.

    `given` are the answers that the platform accepted, by question; `sequence` counts the answers that were sent.
    `wording` is all that the start of the exam shows of the questions, if the contract says where that is.
    `opened` is the reply to create, and `opened_at` when it came (monotonic seconds); `is_open`: no submit of that
    exam was accepted. `start` is what the start of the exam shows. `noted` is what a drill wants to compare later, by
    name.
    """

    target: "Target"
    login: "LoginResult"
    session_id: str | None = None
    questions: list[dict[str, Any]] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)
    sequence: int = 0
    wording: Any = None
    opened: "Reply | None" = None
    opened_at: float | None = None
    is_open: bool = False
    start: ShownExam = field(default_factory=ShownExam)
    noted: dict[str, Any] = field(default_factory=dict)
    versions: AnswerVersions = field(default_factory=AnswerVersions)

    @classmethod
    def begin(cls, target: "Target", account: Account) -> "ProbeCandidate":
        """Log in; raises Unmeasurable if the platform does not let the account in."""
        return cls(target, target.accounts.log_in(account))

    def log_in_again(self) -> None:
        """Log in again to replace the tokens; raises Unmeasurable if the platform does not let the account in."""
        self.login = self.target.accounts.log_in(self.login.account)

    def renew(self) -> "Reply | None":
        """Replace the tokens by new ones as the exam page does: refresh them, or else log in.

        Returns the last reply; if the token is minted, the reply to the first request with it. None if the account has
        neither a refresh token nor a password.
        """
        account, reply = self.login.account, None
        if account.mint is not None:
            self.log_in_again()
            return self.read() if self.session_id is not None else self.open()
        if self.login.refresh_token is not None and self.target.environment.platform.contract.refresh is not None:
            reply = self.refresh()
        if account.password is not None and (reply is None or not reply.accepted):
            reply = self._entered(self.target.api.request_login(account))
        return reply

    def refresh(self) -> "Reply":
        """Exchange the refresh token for new tokens."""
        before = self.login.access_token
        reply = self._entered(self.target.api.call("refresh", {"refresh_token": self.login.refresh_token}))
        self.target.api.reuse_values(self.login.access_token, before)
        return reply

    def _entered(self, reply: "Reply") -> "Reply":
        access, refresh = reply.find("access_token"), reply.find("refresh_token")
        if reply.accepted and access is not None:
            self.login = replace(
                self.login, access_token=str(access), refresh_token=refresh or self.login.refresh_token
            )
        return reply

    def open(self, *, key: str | None = None, seconds: int | None = None) -> "Reply":
        """Create an exam session, with an idempotency key of its own unless `key` is given.

        With `seconds` it is a short exam that ends after so many seconds; only a contract with `create_short` has it.
        """
        operation, values = "create", {"question_count": _QUESTIONS}
        if seconds is not None:
            operation, values = "create_short", {**values, "seconds": seconds}
        reply = self.target.api.call(operation, values, self.login.access_token, key=key or uuid.uuid4().hex)
        if reply.accepted:
            self.session_id = reply.find("session_id")
            self.versions = AnswerVersions()
            page = reply if "questions" in reply.operation.finds else self.read()
            self.questions = questions_shown_in(page) or []
            self.versions.shown(page.operation, page.searched)
            self.wording = page.find("wording")
            self.given = {}
            self.opened, self.opened_at, self.is_open = reply, time.monotonic(), True
            self.start = _exam_in(reply).completed_by(_exam_in(page))
        return reply

    def answer(self, number: int = 0, choice: int = 0, *, marked: bool = False) -> "Reply":
        """Answer a question with one of its choices; both are counted from 0. `marked`: mark the question too. Raises
        Unmeasurable if the contract finds no such choice."""
        question = self.questions[number]
        if choice >= len(question["choices"]):
            found = len(question["choices"])
            raise Unmeasurable(f"the contract finds {found} choices of question {question['id']}")
        self.sequence += 1
        value = question["choices"][choice]
        reply = self.send_answer(question["id"], value, marked=marked)
        if reply.accepted:
            self.given[question["id"]] = str(value)
            self.versions.saved(reply.operation, question["id"], reply.searched)
        return reply

    def send_answer(self, question_id: str, value: Any, *, marked: bool = False) -> "Reply":
        """Send an answer with the current sequence number. A second call sends the same again, as a client does that
        got no reply."""
        values = {**self.answer_values(question_id, value), "marked": marked}
        return self.target.api.call("answer", values, self.login.access_token)

    def clear(self, number: int = 0) -> "Reply":
        """Take the answer to a question back; questions are counted from 0."""
        question = self.questions[number]
        self.sequence += 1
        values = self.answer_values(question["id"], None)
        values = {name: value for name, value in values.items() if name != "value"}
        reply = self.target.api.call("clear", values, self.login.access_token)
        if reply.accepted:
            self.given.pop(question["id"], None)
            self.versions.saved(reply.operation, question["id"], reply.searched)
        return reply

    def answer_values(self, question_id: str, value: Any) -> Values:
        """The values of an answer with the current sequence number and the version that is known."""
        return {
            "session_id": self.session_id,
            "question_id": self.sent_id(question_id),
            "value": value,
            "sequence": self.sequence,
            "version": self.versions.of(question_id),
            "marked": False,
        }

    def sent_id(self, question_id: str) -> Any:
        """The id of a question as the platform wrote it: a number stays a number."""
        return next((question["sent"] for question in self.questions if question["id"] == question_id), question_id)

    def read(self) -> "Reply":
        """Read the session back, as a client does that resumes it."""
        reply = self.target.api.call("read", {"session_id": self.session_id}, self.login.access_token)
        self.versions.shown(reply.operation, reply.searched)
        return reply

    def changed(self, reply: "Reply", *, more_time: bool = False) -> str | None:
        """The differences between the exam in an accepted reply, which has just come, and the exam at its start; None
        if there are none. With `more_time` a later end of the exam is no difference."""
        return next(self.start.differences(_exam_in(reply), reply.find, more_time=more_time), None)

    def shown(self, reply: "Reply") -> dict[str, str] | None:
        """The answers in a reply, by question; None if it has no list of answers. Questions without an answer are left
        out. A page may have a word for them: a value that is not a choice of the exam, for a question that the
        candidate has not answered, is left out too."""
        values = self.values_in(reply, "answers")
        if values is None:
            return None
        answers = {question: str(value) for question, value in values.items() if value is not None}
        choices = {str(choice) for question in self.questions for choice in question["choices"]}
        return {question: value for question, value in answers.items() if question in self.given or value in choices}

    def values_in(self, reply: "Reply", name: str) -> dict[str, Any] | None:
        """The values of a list of this name in a reply (answers, right choices, marks), by question as the start of the
        exam spelled it; None for a blank. None if the reply has no such list, or one that cannot be read."""
        values = values_by_question(reply.find(name))
        return None if values is None else {self._as_at_start(question): value for question, value in values.items()}

    def _as_at_start(self, question: str) -> str:
        """The id as the start of the exam spelled it: a page may write a UUID in another way."""
        return next((own["id"] for own in self.questions if same_text_or_uuid(own["id"], question)), question)

    def submit(self) -> "Reply":
        """Submit the session, with an idempotency key of its own."""
        return self.submit_with(uuid.uuid4().hex)

    def submit_with(self, key: str | None) -> "Reply":
        """Submit the session with this idempotency key, or without a key if it is None. Waits first until the platform
        accepts the submit of an exam that has just been opened."""
        self.wait_until_submittable()
        reply = self.target.api.call("submit", {"session_id": self.session_id}, self.login.access_token, key=key)
        self.is_open = self.is_open and not reply.accepted
        return reply

    def submit_left_open(self) -> None:
        """Submit the exam that was opened last if no submit of it was accepted."""
        if self.is_open:
            self.submit()

    def wait_until_submittable(self) -> None:
        """Wait until the exam that was opened last is `earliest_submit_seconds` of the contract old."""
        if self.opened_at is not None:
            after = self.target.environment.platform.contract.earliest_submit_seconds
            time.sleep(max(0.0, self.opened_at + after - time.monotonic()))

    def review(self) -> "Reply":
        """Read the result of the submitted session."""
        return self.target.api.call("review", {"session_id": self.session_id}, self.login.access_token)


def _exam_in(reply: "Reply") -> ShownExam:
    """The exam in a reply that has just come."""
    return ShownExam.of(reply.find, now())


def questions_shown_in(reply: "Reply") -> list[dict[str, Any]] | None:
    """The questions in a reply: `id` as text, `sent` as it is sent back, and the choices as they are written; None if
    it has no list of questions.

    Entries that are not questions are left out. A question without choices in the reply has none.
    """
    found = reply.find("questions")
    if not isinstance(found, list):
        return None
    return [
        {"id": str(entry["id"]), "sent": entry["id"], "choices": _choices(entry.get("choices"))}
        for entry in found
        if isinstance(entry, dict) and entry.get("id") is not None
    ]


def _choices(found: Any) -> list[Any]:
    return [value for value in found if value is not None] if isinstance(found, list) else []


def shows_answers(reply: "Reply") -> bool:
    """Whether the reply has a list of answers that can be read; it may be empty."""
    return values_by_question(reply.find("answers")) is not None


def reply_in_words(reply: "Reply") -> str:
    """The reply; if it was no success, with the platform's own words."""
    return str(reply) if reply.accepted else with_words(reply)


def with_words(reply: "Reply") -> str:
    """The reply with the platform's own words, cut to one line."""
    is_page = "<html" in reply.text.lower()
    said = reply.words if is_page else reply.shown
    words = "" if reply.status is None else " ".join(said.split())
    return f"{reply}: {words[:_WORDS]}" if words else str(reply)


def _worked(reply: "Reply") -> bool | None:
    return None if is_limited(reply) else reply.accepted


def is_limited(reply: "Reply") -> bool:
    """Whether a rate limit refused the call."""
    return reply.status == _LIMITED and not reply.accepted


def probe(name: str, reply: "Reply", passed: bool | None = None, detail: str | None = None) -> Probe:
    """The record of one call. It passed if the platform accepted it, unless the caller judges otherwise. A refusal by a
    rate limit proves nothing, because the rehearsal's own requests may have reached the limit."""
    return Probe(
        name=name,
        passed=_worked(reply) if passed is None else passed,
        detail=detail or reply_in_words(reply),
        status=reply.status,
        request_id=reply.request_id,
        returned_id=reply.returned_id,
        ms=reply.ms,
    )
