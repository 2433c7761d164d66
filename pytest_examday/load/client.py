"""One actor's HTTP client: it sends an operation of the contract and classifies the answer."""

import itertools
import json
import os
import ssl
import time
from typing import Any

import msgspec

from pytest_examday.contract.operations import TRY_AGAIN, Contract, Operation, Values
from pytest_examday.contract.refusal_words import refusal_words
from pytest_examday.evidence.figures import RequestOutcome
from pytest_examday.load.connection_pool import ConnectionPool
from pytest_examday.load.operation_templates import templates_of
from pytest_examday.load.request import Unsendable, header_line
from pytest_examday.load.response import Broken, Response
from pytest_examday.steady_clock import now

_ID_PREFIX = f"ed-{os.urandom(10).hex()}"
_BEGINNING = 1000
"""Bytes of an answer that is no JSON that are looked at."""
_numbers = itertools.count(1)
_decode = msgspec.json.Decoder().decode


class Answer(msgspec.Struct, frozen=True, gc=False):
    """The answer to one request. `started` is when it was sent (seconds since the epoch), `ms` how long it took.

    `status` is None if no answer came. `retry_after` is the header of that name in seconds, read from answers that are
    not `ok`. `said` are the platform's own words in such an answer.
    """

    outcome: RequestOutcome
    status: int | None
    body: Any
    request_id: str
    started: float
    ms: float
    retry_after: float | None = None
    said: str = ""


def classify(operation: Operation, status: int, body: Any) -> RequestOutcome:
    """The outcome of an answered request; `evidence.figures.RequestOutcome` explains the outcomes."""
    if status == 429:
        return "limited"
    if operation.accepted(status, body):
        return "ok"
    if status in operation.success:
        return "unexpected"
    return "server_error" if status >= 500 or status in TRY_AGAIN else "client_error"


def new_request_id() -> str:
    """An id that no other request has: a random part for this process, and a count."""
    return f"{_ID_PREFIX}{next(_numbers):012x}"


def decoded(content: bytes) -> Any:
    """The content as `json.loads` reads it; None if it is not JSON."""
    try:
        return _decode(content)
    except (ValueError, RecursionError):
        return _read_leniently(content)


class Client:
    """Keeps one actor's connections, as a browser does."""

    __slots__ = ("_context", "_pool", "_templates", "_timeout", "_token", "_token_line")

    def __init__(self, base_url: str, contract: Contract, timeout: float, context: ssl.SSLContext) -> None:
        """`timeout` is how long a request may take, in seconds; connecting counts too."""
        self._templates = templates_of(base_url, contract)
        self._timeout = timeout
        self._context = context
        self._token: str | None = None
        self._token_line = ""
        self._pool = self._open()

    async def send(self, name: str, values: Values, token: str | None = None, key: str | None = None) -> Answer:
        """Send the operation of this name once. Failures of platform and network are outcomes, never exceptions."""
        request_id = new_request_id()
        started, clock = now(), time.perf_counter()
        outcome: RequestOutcome
        try:
            call = self._templates[name]
            request = call.fill(values, request_id, self._headers(token, key))
            response, ended = await self._pool.send(request, clock + self._timeout)
        except TimeoutError:
            outcome = "timeout"
        except (Broken, Unsendable):  # unsendable: the platform gave an id or a token with a line break
            outcome = "transport"
        else:
            body = decoded(response.body)
            outcome = classify(call.operation, response.status, body)
            ms = _ms(clock, ended)
            if outcome == "ok":
                return Answer(outcome, response.status, body, request_id, started, ms)
            said = refusal_words(body, "" if outcome == "unexpected" else _text(response.body))
            return Answer(outcome, response.status, body, request_id, started, ms, _retry_after(response), said)
        return Answer(outcome, None, None, request_id, started, _ms(clock, time.perf_counter()))

    async def reconnect(self) -> None:
        """Drop the connections and open new ones, as a reloaded page does."""
        self._pool.close()
        self._pool = self._open()

    async def close(self) -> None:
        """Drop the connections."""
        self._pool.close()

    def _open(self) -> ConnectionPool:
        return ConnectionPool(self._templates.origin, self._context)

    def _headers(self, token: str | None, key: str | None) -> str:
        if token != self._token:
            self._token_line = "" if token is None else f"\r\n{header_line('Authorization', f'Bearer {token}')}"
            self._token = token
        header = self._templates.contract.idempotency_header
        if key is None or header is None:
            return self._token_line
        return f"{self._token_line}\r\n{header_line(header, key)}"


def _ms(begun: float, ended: float) -> float:
    """Milliseconds with three decimals. `round` would take as long as encoding the whole request."""
    return int((ended - begun) * 1e6 + 0.5) / 1000


def _read_leniently(content: bytes) -> Any:
    """Read NaN, half of a surrogate pair and UTF-16 with the standard library: the faster decoder refuses them."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None  # not JSON: the contract can find nothing in it


def _text(content: bytes) -> str:
    """The beginning of the content, as far as it is text."""
    return content[:_BEGINNING].decode("utf-8", "replace")


def _retry_after(response: Response) -> float | None:
    text = response.header("retry-after")
    return float(text) if text and text.isascii() and text.isdigit() else None
