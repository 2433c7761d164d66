"""One action of an actor: it sends a request until the platform accepts it. Each attempt is a sample."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from random import uniform
from typing import Protocol

from pytest_examday.contract.refusal_words import quoted
from pytest_examday.contract.templates import Values
from pytest_examday.evidence.figures import ERRORS, RequestOutcome
from pytest_examday.load.client import Client, ClientReply
from pytest_examday.load.samples import Sample, SampleWriter
from pytest_examday.monotonic_clock import now
from pytest_examday.target.login_pace import LoginPace

_BACK_OFF_SECONDS = (0.2, 2.0)
_WORDS: dict[RequestOutcome, str] = {
    "client_error": "was refused with",
    "conflict": "was refused with",
    "unexpected": "got an unusable reply with",
}
_DEFINITIVE = frozenset(_WORDS)
"""Outcomes after which the request is not sent again, because the platform would give the same reply."""
_REFUSED = frozenset({"client_error", "unexpected"})
"""Outcomes that may be the refusal of a write that is stored already."""
_MAY_BE_STORED = frozenset({"timeout", "transport", "server_error", "unexpected"})
"""Outcomes after which the write may be stored although the request failed."""
_PACED = "login"
"""The operation that waits for its turn if the environment limits log-ins."""


class Bearer(Protocol):
    """Supplies the token for an action."""

    async def token(self) -> str:
        """A token that is still valid; raises GaveUp if none can be got."""

    async def renew(self, refused: str) -> None:
        """Replace the refused token, unless it has been replaced already; raises GaveUp if that fails."""


class GaveUp(Exception):
    """The actor's patience ended, or the platform refused the action for good."""


class Refused(GaveUp):
    """The platform refused for good, and it had replied to every attempt before: the write cannot be stored."""

    def __init__(self, message: str, request_id: str) -> None:
        super().__init__(message)
        self.request_id = request_id


@dataclass
class TwoClicks:
    """Two clicks at the same moment that send the same request; `accepted` says whether one of them was accepted."""

    accepted: bool = False


class Attempts:
    """Sends one actor's requests, each until it is accepted.

    `worst` is the longest wait for one action (ms) and its operation. `lost_connection` becomes True when a connection
    breaks; the reader sets it back. `failures` has the first failed reply of each operation, in words. The time for
    which `pace` delays a log-in is not counted, because the actor does not wait for the platform.
    """

    def __init__(
        self, actor: str, client: Client, samples: SampleWriter, patience: float, pace: LoginPace | None = None
    ) -> None:
        self._actor = actor
        self._client = client
        self._samples = samples
        self._patience_ms = patience * 1000
        self._pace = pace
        self._held_back = 0.0
        self.worst: tuple[float, str | None] = (0.0, None)
        self.lost_connection = False
        self.failures: dict[str, str] = {}

    async def send_once(self, operation: str, values: Values) -> ClientReply:
        """Send one request without a token; returns the reply, whatever it is."""
        reply = await self._client.send(operation, values)
        self._note(operation, reply, reply.outcome, reply.ms)
        self._remember_failure(operation, reply, reply.outcome)
        return reply

    async def send_until_accepted(
        self,
        operation: str,
        values: Values,
        bearer: Bearer | None,
        *,
        due: float | None = None,
        key: str | None = None,
        doubled: TwoClicks | None = None,
    ) -> ClientReply:
        """Send the request until the platform accepts it.

        After a timeout, a broken connection, a 5xx or a 429 it is sent again after a pause, with the same key; after
        the first 401 at once, with a new token. Every pause, also one that the platform asks for, ends with the actor's
        patience at the latest, and the request is then sent a last time. `due` is when the action should have begun
        (seconds since the epoch), by default now.

        `doubled` says that the same request is sent twice at the same moment. Then a 409 is no error, because the
        platform may have accepted the other request. A 429 is no error if the other request is accepted before this one
        would be sent again; it is then not sent again. A refusal is no error if the platform says by it that it has
        stored an earlier attempt, which got no reply.

        Raises Refused if the platform refuses for good; GaveUp if patience ends, or if the platform refuses for good
        after an attempt that may have been stored.
        """
        begun, held_before = now(), self._held_back
        due = begun if due is None else due
        attempt = 0
        maybe_stored = renewed = last = False
        longest = 0.0
        while True:
            token = await _token(bearer, maybe_stored=maybe_stored)
            await self._wait_for_turn(operation)
            reply = await self._client.send(operation, values, token, key)
            ended = reply.started + reply.ms / 1000 - (self._held_back - held_before)
            waited = (ended - begun) * 1000
            outcome = _outcome(reply, first=bearer is not None and not renewed, doubled=doubled is not None)
            stored = outcome in _REFUSED and (maybe_stored or doubled is not None) and self._is_stored(operation, reply)
            if stored:
                outcome = "conflict"
            over = outcome == "ok" or outcome in _DEFINITIVE or last or waited > self._patience_ms
            beside_other = doubled is not None and outcome == "limited" and not over
            if beside_other:
                last = await self._pause_before_next(attempt, reply, waited)
                over = doubled is not None and doubled.accepted
                outcome = "conflict" if over else outcome
            self._note(operation, reply, outcome, (ended - due) * 1000 if over else None)
            self._remember_failure(operation, reply, outcome)
            if over:
                self._remember(waited, operation)
            if outcome == "ok" or (stored and maybe_stored):
                return reply
            maybe_stored = maybe_stored or outcome in _MAY_BE_STORED
            self.lost_connection = self.lost_connection or outcome == "transport"
            if outcome in _DEFINITIVE:
                raise _final_refusal(
                    f"{operation} {_WORDS[outcome]} {_reply_in_words(reply)}", reply, maybe_stored=maybe_stored
                )
            if over:
                words = f"{_reply_in_words(reply)}{_asked_pause(longest)}"
                raise GaveUp(f"{operation} failed for {waited / 1000:.0f} s, at last with {words}")
            if outcome == "expired" and bearer is not None and token is not None:
                await _renew(bearer, token, operation, reply, maybe_stored=maybe_stored)
                renewed = True
                continue
            longest = max(longest, self._beyond_patience(reply, waited))
            if not beside_other:
                last = await self._pause_before_next(attempt, reply, waited)
            attempt += 1

    async def _wait_for_turn(self, operation: str) -> None:
        if operation == _PACED and self._pace is not None:
            self._held_back += await self._pace.wait_for_turn_async()

    async def _pause_before_next(self, attempt: int, reply: ClientReply, waited: float) -> bool:
        """Wait before the request is sent again, until the actor's patience ends at the latest; returns whether it ends
        then. `waited` are the milliseconds that the actor has waited before."""
        patience = (self._patience_ms - waited) / 1000
        pause = self._pause(attempt, reply)
        await asyncio.sleep(min(pause, patience))
        return pause >= patience

    def _beyond_patience(self, reply: ClientReply, waited: float) -> float:
        """The pause in seconds that the platform asks for, if it is beyond the actor's patience; 0 if it is not."""
        pause = reply.retry_after or 0.0
        return pause if pause > (self._patience_ms - waited) / 1000 else 0.0

    def _is_stored(self, operation: str, reply: ClientReply) -> bool:
        return self._client.operation(operation).has_stored(reply.status, reply.body)

    def _note(self, operation: str, reply: ClientReply, outcome: RequestOutcome, response_ms: float | None) -> None:
        self._samples.add(
            Sample(
                operation,
                self._actor,
                reply.started,
                reply.ms,
                reply.status,
                outcome,
                reply.request_id,
                None if response_ms is None else round(max(response_ms, reply.ms), 3),
                reply.returned_id,
            )
        )

    def _pause(self, attempt: int, reply: ClientReply) -> float:
        low, high = _BACK_OFF_SECONDS
        return reply.retry_after or min(low * 2**attempt, high) * uniform(0.5, 1.5)

    def _remember_failure(self, operation: str, reply: ClientReply, outcome: RequestOutcome) -> None:
        if outcome in ERRORS and operation not in self.failures:
            self.failures[operation] = _reply_in_words(reply)

    def _remember(self, waited: float, operation: str) -> None:
        if waited > self.worst[0]:
            self.worst = (waited, operation)


def _outcome(reply: ClientReply, *, first: bool, doubled: bool) -> RequestOutcome:
    """The outcome of a request, seen from its action. While the action has not renewed its token yet (`first`), a 401
    is `expired`; a 409 to one of two clicks (`doubled`) is a `conflict`."""
    if reply.outcome != "client_error":
        return reply.outcome
    if first and reply.status == HTTPStatus.UNAUTHORIZED:
        return "expired"
    return "conflict" if doubled and reply.status == HTTPStatus.CONFLICT else reply.outcome


def _final_refusal(message: str, reply: ClientReply, *, maybe_stored: bool) -> GaveUp:
    """The exception for a final refusal: GaveUp if an earlier attempt may have stored the write, else Refused."""
    return GaveUp(message) if maybe_stored else Refused(message, reply.request_id)


async def _renew(bearer: Bearer, refused: str, operation: str, reply: ClientReply, *, maybe_stored: bool) -> None:
    """Replace the refused token; if none can be got, the 401 is a final refusal."""
    try:
        await bearer.renew(refused)
    except GaveUp as end:
        message = f"{operation} was refused with {_reply_in_words(reply)}, and {end}"
        raise _final_refusal(message, reply, maybe_stored=maybe_stored) from None


async def _token(bearer: Bearer | None, *, maybe_stored: bool) -> str | None:
    """A valid token; raises GaveUp in place of Refused if an earlier attempt may have stored the write."""
    if bearer is None:
        return None
    try:
        return await bearer.token()
    except Refused as end:
        if maybe_stored:
            raise GaveUp(str(end)) from None
        raise


def _asked_pause(seconds: float) -> str:
    """The end of a sentence: the pause that the platform asked for beyond the actor's patience; empty if none."""
    return f", and the platform asked to wait {seconds:.10g} s" if seconds else ""


def _reply_in_words(reply: ClientReply) -> str:
    """How the request ended, with the platform's own words."""
    return reply.outcome if reply.status is None else f"HTTP {reply.status}{quoted(reply.said)}"
