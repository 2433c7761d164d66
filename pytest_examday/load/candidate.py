"""One candidate lives through one exam, as the web page would: with think time, retries and impatience."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from pytest_examday.contract.operations import Values
from pytest_examday.evidence.figures import CandidateFate
from pytest_examday.load.client import Answer, Client
from pytest_examday.load.ledger import LedgerWriter, Write
from pytest_examday.load.plan import Plan, PlannedAccount
from pytest_examday.load.samples import Sample, SampleWriter
from pytest_examday.load.script import Script, Step

_REFRESH_MARGIN = 0.2
"""Share of an access token's lifetime before its end at which the page asks for a new one."""
_BACK_OFF_SECONDS = (0.2, 2.0)
_WORDS = {"client_error": "was refused with", "unexpected": "got an answer that it cannot use with"}
_DEFINITIVE = frozenset(_WORDS)
_OPEN = frozenset({"timeout", "transport", "server_error", "unexpected"})
"""Outcomes after which the write may be stored all the same."""


class GaveUp(Exception):
    """The candidate's patience ended, or the platform said a definitive no."""


class Candidate:
    """A person sitting one exam; `live` returns how it ended."""

    def __init__(
        self,
        plan: Plan,
        account: PlannedAccount,
        script: Script,
        client: Client,
        ledger: LedgerWriter,
        samples: SampleWriter,
        rng: Random,
        told: asyncio.Event,
    ) -> None:
        self.name = account.email
        self._plan = plan
        self._account = account
        self._script = script
        self._client = client
        self._ledger = ledger
        self._samples = samples
        self._rng = rng
        self._told = told
        self._owner: str | None = None
        self._token: str | None = None
        self._refresh_token: str | None = None
        self._renew_at = 0.0
        self._renewing = asyncio.Lock()
        self._session: str | None = None
        self._questions: list[dict[str, Any]] = []
        self._given: dict[str, str] = {}
        self._sequence = 0
        self._submitted = False
        self._remark = "sat the exam and submitted"
        self._worst: tuple[float, str | None] = (0.0, None)
        self.writes = 0

    async def live(self, arrives_in: float) -> CandidateFate:
        """The whole exam, from arrival to review; a platform that fails the candidate ends it early."""
        await asyncio.sleep(arrives_in)
        try:
            await self._log_in()
            await self._open_session()
            await self._work()
            await self._submit()
            await self._persist("review", {"session_id": self._session})
        except GaveUp as end:
            self._remark = str(end)
        finally:
            await self._client.close()
        return self._fate()

    def _fate(self) -> CandidateFate:
        return CandidateFate(
            candidate=self.name,
            session_id=self._session,
            submitted=self._submitted,
            worst_wait_ms=round(self._worst[0], 1),
            worst_wait_operation=self._worst[1],
            story=self._remark,
        )

    async def _log_in(self) -> None:
        values = {"email": self._account.email, "password": self._account.password}
        self._keep_tokens(await self._persist("login", values, fresh_token=False))

    def _keep_tokens(self, answer: Answer) -> None:
        find = self._plan.contract.login.find
        self._token = find("access_token", answer.body)
        self._refresh_token = find("refresh_token", answer.body)
        self._owner = find("owner", answer.body) or self._owner
        lifetime = float(find("lifetime", answer.body) or 900)
        self._renew_at = time.monotonic() + lifetime * (1 - _REFRESH_MARGIN)

    async def _renew(self) -> None:
        """Refresh the token as the page does before it ends; log in again where the platform says no.

        One at a time: of two clicks at the same moment the second would present a refresh token already used.
        """
        async with self._renewing:
            if time.monotonic() <= self._renew_at:
                return
            answer = await self._send("refresh", {"refresh_token": self._refresh_token})
            if answer.outcome == "ok":
                self._keep_tokens(answer)
            else:
                await self._log_in()

    async def _open_session(self) -> None:
        key = uuid.uuid4().hex
        write = self._ledger.intend("create", self.name, self._owner, None, key)
        self.writes += 1
        answer = await self._recorded(
            write, lambda: self._persist("create", {"question_count": self._plan.questions}, key=key)
        )
        create = self._plan.contract.create
        self._session = create.find("session_id", answer.body)
        self._questions = create.find("questions", answer.body) or []
        self._ledger.settle(write, "acknowledged", answer.request_id, subject=self._session)
        if self._session is None or not self._questions:
            raise GaveUp("got a session without an id or without questions")

    async def _work(self) -> None:
        for number, step in enumerate(self._script.steps):
            if self._told.is_set():
                return
            if number == self._script.resume_before:
                await self._resume()
            await self._think(step.think_seconds)
            await self._give(step)
        while self._plan.until == "told" and not self._told.is_set():
            step = self._rng.choice(self._script.steps)
            await self._think(step.think_seconds)
            await self._give(step)

    async def _think(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._told.wait(), seconds)
        except TimeoutError:
            return  # thought to the end: nobody told this candidate to finish

    async def _give(self, step: Step) -> None:
        question = self._questions[step.question % len(self._questions)]
        value = self._choose(question)
        self._sequence += 1
        write = self._ledger.intend(
            "answer", self.name, self._owner, self._session, question["id"], value, self._sequence
        )
        self.writes += 1
        values = {
            "session_id": self._session,
            "question_id": question["id"],
            "value": value,
            "sequence": self._sequence,
            "marked": step.marked,
        }
        answer = await self._recorded(write, lambda: self._click("answer", values, twice=step.double_click))
        saved = self._plan.contract.answer.find("saved", answer.body)
        if saved is not None and str(saved) != value:
            self._remark = f"answered {value} and the platform said that it saved {saved}"
        self._ledger.settle(write, "acknowledged", answer.request_id)
        self._given[question["id"]] = value

    def _choose(self, question: dict[str, Any]) -> str:
        """A choice other than the one given before, so that a change is a change."""
        before = self._given.get(question["id"])
        choices = question["choices"]
        return str(self._rng.choice([choice for choice in choices if choice != before] or choices))

    async def _resume(self) -> None:
        """Reload the page: new connections, the answers given so far must be there."""
        await self._client.reconnect()
        answer = await self._persist("read", {"session_id": self._session})
        shown = self._plan.contract.read.find("answers", answer.body) or []
        stored = {entry["question"]: entry["value"] for entry in shown}
        missing = [question for question, value in self._given.items() if stored.get(question) != value]
        if missing:
            self._remark = f"reloaded the page and {len(missing)} answers were not as acknowledged"

    async def _submit(self) -> None:
        key = uuid.uuid4().hex
        write = self._ledger.intend("submit", self.name, self._owner, self._session, key)
        self.writes += 1
        twice = self._script.double_submit
        values = {"session_id": self._session}
        answer = await self._recorded(write, lambda: self._click("submit", values, key=key, twice=twice))
        score = self._plan.contract.submit.find("score", answer.body)
        self._ledger.settle(write, "acknowledged", answer.request_id, result=None if score is None else str(score))
        self._submitted = True

    async def _recorded(self, write: Write, act: Callable[[], Awaitable[Answer]]) -> Answer:
        """Do the write; where the candidate gives up, the ledger learns how the last attempt ended."""
        try:
            return await act()
        except Refused as end:
            self._ledger.settle(write, "refused", end.request_id)
            raise
        except GaveUp:
            self._ledger.settle(write, "unknown", None)
            raise

    async def _click(self, operation: str, values: Values, *, key: str | None = None, twice: bool = False) -> Answer:
        """One click, or two at the same moment: what one of them achieved is achieved, and where none achieved it
        a click that was never answered leaves open what a refused one would rule out."""
        clicks = [self._persist(operation, values, key=key) for _ in range(2 if twice else 1)]
        ended = await asyncio.gather(*clicks, return_exceptions=True)
        accepted = [answer for answer in ended if isinstance(answer, Answer)]
        if not accepted:
            raise min((end for end in ended if isinstance(end, BaseException)), key=lambda e: isinstance(e, Refused))
        return accepted[0]

    async def _persist(
        self, operation: str, values: Values, *, key: str | None = None, fresh_token: bool = True
    ) -> Answer:
        """Send until it is accepted: retry with back-off and the same key after a timeout, reset, 5xx or 429.

        Raises Refused for a definitive no, GaveUp when patience ends or an earlier attempt may have succeeded.
        """
        begun = time.monotonic()
        attempt = 0
        unanswered = False
        while True:
            if fresh_token and time.monotonic() > self._renew_at:
                await self._renewed(unanswered)
            answer = await self._send(operation, values, self._token if fresh_token else None, key)
            waited = (time.monotonic() - begun) * 1000
            if answer.outcome == "ok":
                self._note_wait(waited, operation)
                return answer
            unanswered = unanswered or answer.outcome in _OPEN
            if answer.outcome in _DEFINITIVE:
                self._note_wait(waited, operation)
                message = f"{operation} {_WORDS[answer.outcome]} HTTP {answer.status}"
                raise GaveUp(message) if unanswered else Refused(message, answer.request_id)
            if waited > self._plan.habits.patience_seconds * 1000:
                self._note_wait(waited, operation)
                raise GaveUp(f"{operation} failed for {waited / 1000:.0f} s, at last with {_last(answer)}")
            await asyncio.sleep(self._pause(attempt, answer))
            attempt += 1

    async def _send(self, operation: str, values: Values, token: str | None = None, key: str | None = None) -> Answer:
        answer = await self._client.send(operation, values, token, key)
        ended = (answer.started, answer.ms, answer.status, answer.outcome, answer.request_id)
        self._samples.add(Sample(operation, self.name, *ended))
        return answer

    async def _renewed(self, unanswered: bool) -> None:
        """A fresh token; its refusal says nothing about a write that an earlier attempt may have stored."""
        try:
            await self._renew()
        except Refused as end:
            if unanswered:
                raise GaveUp(str(end)) from None
            raise

    def _pause(self, attempt: int, answer: Answer) -> float:
        low, high = _BACK_OFF_SECONDS
        return answer.retry_after or min(low * 2**attempt, high) * self._rng.uniform(0.5, 1.5)

    def _note_wait(self, waited: float, operation: str) -> None:
        if waited > self._worst[0]:
            self._worst = (waited, operation)


class Refused(GaveUp):
    """A definitive no to a write that was never left unanswered, so it cannot have been stored."""

    def __init__(self, message: str, request_id: str) -> None:
        super().__init__(message)
        self.request_id = request_id


def _last(answer: Answer) -> str:
    return answer.outcome if answer.status is None else f"HTTP {answer.status}"
