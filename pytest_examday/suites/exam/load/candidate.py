"""A candidate of the built-in engine, who sits one exam and behaves as the exam page does: it thinks between two
answers, repeats failed requests, and gives up when its patience ends."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from pytest_examday.contract.numbers_and_moments import shortened
from pytest_examday.contract.operation import Operation
from pytest_examday.contract.templates import Values
from pytest_examday.evidence.figures import ActorFate
from pytest_examday.integrity.ledger_subjects import joined_keys
from pytest_examday.load.attempts import Attempts, GaveUp, Refused, TwoClicks
from pytest_examday.load.client import Client, ClientReply
from pytest_examday.load.ledger import LedgerWriter, Write
from pytest_examday.load.load_plan import PlannedAccount
from pytest_examday.load.samples import SampleWriter
from pytest_examday.monotonic_clock import now
from pytest_examday.suites.exam.candidates.answer_versions import AnswerVersions
from pytest_examday.suites.exam.load.candidate_script import PlannedAnswer, Script
from pytest_examday.suites.exam.load.candidate_tokens import CandidateTokens
from pytest_examday.suites.exam.load.exam_plan import ExamPlan
from pytest_examday.suites.exam.load.page_comparison import PageComparison
from pytest_examday.suites.exam.load.reply_bodies import (
    Choice,
    Question,
    Unusable,
    question_ids_in,
    questions_in,
    session_id_in,
)

_HURRIED_SHARE = 0.5
"""A candidate that is behind the schedule takes this share (0 to 1) of its think time."""

_STORY_CHARACTERS = 1000
"""Most characters of a sentence in a fate. A platform may show values of any length."""

_ONCE = ("create", "submit")
"""The operations of which two clicks must have one effect."""


class Candidate:
    """One candidate, who sits one exam."""

    def __init__(
        self,
        plan: ExamPlan,
        account: PlannedAccount,
        script: Script,
        client: Client,
        ledger: LedgerWriter,
        samples: SampleWriter,
        stop: asyncio.Event,
    ) -> None:
        self.name = account.email
        self._plan = plan
        self._script = script
        self._client = client
        self._ledger = ledger
        self._stop = stop
        self._attempts = Attempts(self.name, client, samples, plan.habits.patience_seconds, plan.login_means.pace)
        self._tokens = CandidateTokens(account, plan.contract, self._attempts, plan.login_means)
        self._begun = 0.0
        self._session: str | None = None
        self._opened_at = 0.0
        self._questions: tuple[Question, ...] = ()
        self._given: dict[str, str] = {}
        self._sequence = 0
        self._versions = AnswerVersions()
        self._pages = PageComparison(plan.contract, plan.questions, more_time=plan.until != "schedule")
        self._submitted_at: float | None = None
        self._story = self._usual_story = "sat the exam and submitted" if script.submits else "sat the exam"
        self._password_doubted = False
        self.arrived = False
        self.writes = 0

    async def take_part(self, begun: float) -> ActorFate:
        """Sit the whole exam, from arrival to review, in a load that began at `begun` (seconds since the epoch).

        The exam ends early if the platform refuses an action for good, or if the candidate's patience ends.
        """
        self._begun = begun
        try:
            await self._until(self._script.arrives_at)
            self.arrived = True
            await self._enter(begun + self._script.arrives_at)
            await self._open_session()
            await self._work()
            await self._submit_and_review()
        except GaveUp as end:
            self._story = str(end)
        finally:
            await self._client.close()
        return self._fate()

    async def _enter(self, due: float) -> None:
        try:
            await self._tokens.enter(due)
        except Refused:
            self._password_doubted = True
            raise

    def _fate(self) -> ActorFate:
        worst, operation = self._attempts.worst
        return ActorFate(
            actor=self.name,
            subject=self._session,
            finished=self._submitted_at is not None,
            finished_at=self._submitted_at,
            worst_wait_ms=round(worst, 1),
            worst_wait_operation=operation,
            story=shortened(self._story, _STORY_CHARACTERS),
            password_doubted=self._password_doubted,
            shown_wrongly=tuple(shortened(difference, _STORY_CHARACTERS) for difference in self._pages.shown_wrongly),
            compared=dict(self._pages.compared),
            not_comparable=self._pages.not_comparable,
            shown_end=self._pages.shown_end,
            right_choices=dict(self._pages.right_choices),
            failures=self._attempts.failures,
        )

    def _note_difference(self, remark: str | None) -> None:
        """Make the first difference from what was acknowledged the end of the story: later ones may follow from it."""
        if remark is not None and self._story == self._usual_story:
            self._story = remark

    async def _until(self, at: float) -> None:
        """Sleep until this second of the exam, or until the candidate is stopped."""
        seconds = self._begun + at - now()
        if seconds <= 0:
            return
        if self._plan.until == "schedule":
            await asyncio.sleep(seconds)
            return
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return  # slept to the end: nobody stopped this candidate

    async def _open_session(self) -> None:
        await self._until(self._script.opens_at)
        opens = self._begun + self._script.opens_at
        due = opens if self._plan.schedule.shape == "start" else max(opens, now())
        key = uuid.uuid4().hex
        write = self._intend("create", None, key)
        values = {"question_count": self._plan.questions}
        create = self._plan.contract.create
        twice = self._script.double_create and self._plan.contract.takes_keys
        reply, *others = await self._recorded(
            write, lambda: self._click("create", values, due=due, key=key, twice=twice)
        )
        self._opened_at = reply.started + reply.ms / 1000
        session = create.find("session_id", reply.body)
        keys = joined_keys(question_ids_in(create, reply.body))
        self._ledger.settle(write, "acknowledged", reply.request_id, subject=session, result=keys or None)
        for other in others:
            if (other_session := create.find("session_id", other.body)) != session:
                second = self._intend("create", None, key)
                self._ledger.settle(second, "acknowledged", other.request_id, subject=other_session)
        try:
            self._session = session_id_in(create, reply.body)
        except Unusable as problem:
            raise GaveUp(f"the reply to create {problem}") from None
        self._note_difference(self._pages.opened(create, reply.body, _came_at(reply)))
        self._questions = await self._questions_of(create, reply.body)

    async def _questions_of(self, create: Operation, body: Any) -> tuple[Question, ...]:
        """The questions of the new session: from the reply to create, or else from the page of the exam."""
        operation, name = create, "create"
        if "questions" not in create.finds:
            operation, name = self._plan.contract.read, "read"
            page = await self._send_until_accepted("read", {"session_id": self._session})
            body = page.body
            self._note_difference(self._pages.opened(operation, body, _came_at(page)))
        self._versions.shown(operation, body)
        try:
            return questions_in(operation, body)
        except Unusable as problem:
            raise GaveUp(f"the reply to {name} {problem}") from None

    async def _work(self) -> None:
        ended = now() - self._begun
        endless = self._plan.until == "stopped"
        for number, answer in enumerate(self._script.endless_answers() if endless else self._script.planned_answers()):
            at = (
                ended + answer.think_seconds
                if endless
                else max(answer.at, ended + answer.think_seconds * _HURRIED_SHARE)
            )
            await self._until(at)
            if self._over():
                return
            if number == self._script.resume_before or self._attempts.lost_connection:
                await self._resume()
            await self._give(answer, self._begun + (at if endless else answer.at))
            ended = now() - self._begun

    def _over(self) -> bool:
        if self._plan.until == "stopped":
            return self._stop.is_set()
        return now() >= self._begun + self._script.leaves_at

    async def _give(self, answer: PlannedAnswer, due: float) -> None:
        question = self._questions[answer.question % len(self._questions)]
        if answer.clears and self._plan.contract.clear is not None and question.id in self._given:
            await self._clear(self._plan.contract.clear, question, answer, due)
            return
        choice = self._choose(question, answer.choice)
        value = str(choice)
        self._sequence += 1
        write = self._intend("answer", self._session, question.id, value, self._sequence)
        values = {
            "session_id": self._session,
            "question_id": question.sent,
            "value": choice,
            "sequence": self._sequence,
            "version": self._versions.of(question.id),
            "marked": answer.marked,
        }
        reply, *others = await self._recorded(
            write, lambda: self._click("answer", values, due=due, twice=answer.double_click)
        )
        for other in (reply, *others):
            self._note_difference(self._pages.saved(question, value, other.body))
            self._versions.saved(self._plan.contract.answer, question.id, other.body)
        self._ledger.settle(write, "acknowledged", reply.request_id)
        self._given[question.id] = value

    async def _clear(self, clear: Operation, question: Question, answer: PlannedAnswer, due: float) -> None:
        """Take an answer back. The ledger has it as an answer without a value."""
        self._sequence += 1
        write = self._intend("answer", self._session, question.id, None, self._sequence)
        values = {
            "session_id": self._session,
            "question_id": question.sent,
            "sequence": self._sequence,
            "version": self._versions.of(question.id),
            "marked": answer.marked,
        }
        reply, *others = await self._recorded(
            write, lambda: self._click("clear", values, due=due, twice=answer.double_click)
        )
        for other in (reply, *others):
            self._versions.saved(clear, question.id, other.body)
        self._ledger.settle(write, "acknowledged", reply.request_id)
        del self._given[question.id]

    def _choose(self, question: Question, choice: float) -> Choice:
        """A choice other than the last one for this question, so that a changed answer really changes."""
        before = self._given.get(question.id)
        others = [offered for offered in question.choices if str(offered) != before] or question.choices
        return others[int(choice * len(others))]

    async def _resume(self) -> None:
        """Reload the page, as a person does after a lost connection. It opens new connections, and has to show the
        answers that were given so far."""
        self._attempts.lost_connection = False
        await self._client.reconnect()
        reply = await self._send_until_accepted("read", {"session_id": self._session})
        self._versions.shown(self._plan.contract.read, reply.body)
        self._note_difference(self._pages.reload(self._questions, self._given, reply.body, _came_at(reply)))

    async def _submit_and_review(self) -> None:
        """Submit when it is time, and read the review."""
        if not self._script.submits:
            return
        due = None
        if self._plan.until == "schedule":
            await self._until(self._script.leaves_at)
            due = self._begun + self._script.leaves_at
        after = self._opened_at + self._plan.contract.earliest_submit_seconds
        if now() < after:
            await asyncio.sleep(after - now())
            due = None if due is None else max(due, after)
        score = await self._submit(due)
        if self._plan.contract.review is None:
            return
        reply = await self._send_until_accepted("review", {"session_id": self._session})
        self._note_difference(self._pages.review(self._questions, self._given, score, reply.body))

    async def _submit(self, due: float | None) -> str | None:
        """Submit; returns the score in the platform's reply."""
        key = uuid.uuid4().hex
        write = self._intend("submit", self._session, key)
        twice = self._script.double_submit
        sent = None if twice and self._script.keyless_doubles else key
        values = {"session_id": self._session}
        reply, *others = await self._recorded(
            write, lambda: self._click("submit", values, due=due, key=sent, twice=twice)
        )
        score = self._score(reply)
        self._ledger.settle(write, "acknowledged", reply.request_id, result=score)
        for other in others:
            if (second := self._score(other)) != score:
                again = self._intend("submit", self._session, key)
                self._ledger.settle(again, "acknowledged", other.request_id, result=second)
        self._submitted_at = _came_at(reply)
        return score

    def _score(self, reply: ClientReply) -> str | None:
        score = self._plan.contract.submit.find("score", reply.body)
        return None if score is None else str(score)

    def _intend(self, kind: str, subject: str | None, key: str, value: str | None = None, sequence: int = 0) -> Write:
        write = self._ledger.intend(kind, self.name, self._tokens.owner, subject, key, value, sequence)
        self.writes += 1
        return write

    async def _recorded(self, write: Write, act: Callable[[], Awaitable[list[ClientReply]]]) -> list[ClientReply]:
        """Do the write; if the candidate gives up, write to the ledger how the last attempt ended."""
        try:
            return await act()
        except Refused as end:
            self._ledger.settle(write, "refused", end.request_id)
            raise
        except GaveUp:
            self._ledger.settle(write, "unknown", None)
            raise

    async def _click(
        self, operation: str, values: Values, *, due: float | None, key: str | None = None, twice: bool = False
    ) -> list[ClientReply]:
        """Click once, or twice at the same moment; returns the accepted replies. For some candidates both clicks of a
        start or a submission go over new connections, which may lead to two workers.

        Two clicks are one write: it is accepted if one click is accepted. If none is, a click without a reply counts
        more than a refused one, because it leaves open whether the write is stored."""
        if not twice:
            return [await self._send_until_accepted(operation, values, due=due, key=key)]
        if self._script.fresh_doubles and operation in _ONCE:
            await self._client.reconnect()
        both = TwoClicks()
        clicks = [self._send_until_accepted(operation, values, due=due, key=key, doubled=both) for _ in range(2)]
        ended = await asyncio.gather(*clicks, return_exceptions=True)
        failures = [end for end in ended if isinstance(end, BaseException)]
        accepted = [reply for reply in ended if isinstance(reply, ClientReply)]
        if failures and (not accepted or not isinstance(failures[0], GaveUp)):
            raise min(failures, key=lambda end: (isinstance(end, GaveUp), isinstance(end, Refused)))
        return accepted

    async def _send_until_accepted(
        self,
        operation: str,
        values: Values,
        *,
        due: float | None = None,
        key: str | None = None,
        doubled: TwoClicks | None = None,
    ) -> ClientReply:
        reply = await self._attempts.send_until_accepted(
            operation, values, self._tokens, due=due, key=key, doubled=doubled
        )
        if doubled is not None:
            doubled.accepted = True
        return reply


def _came_at(reply: ClientReply) -> float:
    """When the reply came, in seconds since the epoch."""
    return reply.started + reply.ms / 1000
