"""One action of a candidate: attempts until one is accepted, each of them a sample."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from random import uniform

from pytest_examday.contract.operations import Values
from pytest_examday.load.client import Answer, Client
from pytest_examday.load.samples import Sample, SampleWriter

_BACK_OFF_SECONDS = (0.2, 2.0)
_WORDS = {"client_error": "was refused with", "unexpected": "got an answer that it cannot use with"}
_DEFINITIVE = frozenset(_WORDS)
_OPEN = frozenset({"timeout", "transport", "server_error", "unexpected"})
"""Outcomes after which the write may be stored all the same."""


class GaveUp(Exception):
    """The candidate's patience ended, or the platform said a definitive no."""


class Refused(GaveUp):
    """A definitive no to a write that was never left unanswered, so it cannot have been stored."""

    def __init__(self, message: str, request_id: str) -> None:
        super().__init__(message)
        self.request_id = request_id


class Attempts:
    """Sends one candidate's requests again until they are accepted; remembers the longest wait, and whether a
    connection was lost since somebody last looked."""

    def __init__(self, candidate: str, client: Client, samples: SampleWriter, patience: float) -> None:
        self._candidate = candidate
        self._client = client
        self._samples = samples
        self._patience_ms = patience * 1000
        self.worst: tuple[float, str | None] = (0.0, None)
        self.lost_connection = False

    async def once(self, operation: str, values: Values) -> Answer:
        """One request without a token, whatever comes back."""
        answer = await self._client.send(operation, values)
        self._note(operation, answer, answer.ms)
        return answer

    async def persist(
        self,
        operation: str,
        values: Values,
        token: Callable[[], Awaitable[str]] | None,
        *,
        due: float | None = None,
        key: str | None = None,
    ) -> Answer:
        """Send until it is accepted: again with back-off and the same key after a timeout, reset, 5xx or 429.

        `token` gives a token that is still good; `due` is the moment at which the action should have begun (seconds
        since the epoch), now unless given. Raises Refused for a definitive no, GaveUp when patience ends or an
        earlier attempt may have succeeded.
        """
        begun = time.time()
        due = begun if due is None else due
        attempt = 0
        unanswered = False
        while True:
            good = await _token(token, unanswered=unanswered)
            answer = await self._client.send(operation, values, good, key)
            ended = answer.started + answer.ms / 1000
            waited = (ended - begun) * 1000
            over = answer.outcome == "ok" or answer.outcome in _DEFINITIVE or waited > self._patience_ms
            self._note(operation, answer, (ended - due) * 1000 if over else None)
            if over:
                self._remember(waited, operation)
            if answer.outcome == "ok":
                return answer
            unanswered = unanswered or answer.outcome in _OPEN
            self.lost_connection = self.lost_connection or answer.outcome == "transport"
            if answer.outcome in _DEFINITIVE:
                message = f"{operation} {_WORDS[answer.outcome]} HTTP {answer.status}"
                raise GaveUp(message) if unanswered else Refused(message, answer.request_id)
            if over:
                raise GaveUp(f"{operation} failed for {waited / 1000:.0f} s, at last with {_last(answer)}")
            await asyncio.sleep(self._pause(attempt, answer))
            attempt += 1

    def _note(self, operation: str, answer: Answer, response_ms: float | None) -> None:
        self._samples.add(
            Sample(
                operation,
                self._candidate,
                answer.started,
                answer.ms,
                answer.status,
                answer.outcome,
                answer.request_id,
                None if response_ms is None else round(max(response_ms, answer.ms), 3),
            )
        )

    def _pause(self, attempt: int, answer: Answer) -> float:
        low, high = _BACK_OFF_SECONDS
        return answer.retry_after or min(low * 2**attempt, high) * uniform(0.5, 1.5)

    def _remember(self, waited: float, operation: str) -> None:
        if waited > self.worst[0]:
            self.worst = (waited, operation)


async def _token(token: Callable[[], Awaitable[str]] | None, *, unanswered: bool) -> str | None:
    """A good token; that none is given says nothing about a write that an earlier attempt may have stored."""
    if token is None:
        return None
    try:
        return await token()
    except Refused as end:
        if unanswered:
            raise GaveUp(str(end)) from None
        raise


def _last(answer: Answer) -> str:
    return answer.outcome if answer.status is None else f"HTTP {answer.status}"
