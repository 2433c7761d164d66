"""One actor's HTTP client: it sends an operation of the contract and classifies the reply."""

import itertools
import json
import os
import ssl
import time
import uuid
from typing import Any

import msgspec

from pytest_examday.contract.contract import Contract
from pytest_examday.contract.headers_and_cookies import ReceivedResponse
from pytest_examday.contract.operation import TRY_AGAIN, Operation
from pytest_examday.contract.person_values import person_values
from pytest_examday.contract.refusal_words import refusal_words
from pytest_examday.contract.request_ids import other_request_id
from pytest_examday.contract.secret_values import received_secrets, sent_secrets
from pytest_examday.contract.templates import Values
from pytest_examday.contract.vocabulary import KEY, KEYED
from pytest_examday.contract.web_page import read_page
from pytest_examday.evidence.figures import RequestOutcome
from pytest_examday.load.connection_pool import ConnectionPool
from pytest_examday.load.operation_templates import templates_of
from pytest_examday.load.request import Unsendable, header_line
from pytest_examday.load.response import Broken, Response
from pytest_examday.monotonic_clock import now

_ID_PREFIX = f"ed-{os.urandom(10).hex()}"
_BEGINNING = 1000
"""Bytes that are read of a reply that is not JSON."""
_numbers = itertools.count(1)
_decode = msgspec.json.Decoder().decode


class ClientReply(msgspec.Struct, frozen=True, gc=False):
    """The reply to one request.

    `started` is when the request was sent (seconds since the epoch), `ms` how long it took. `status` is None if no
    reply came. `body` is the JSON, or the document that the contract finds in the page; it is a `ReceivedResponse` if
    the contract reads headers too. `retry_after` is the header of that name in seconds, and `said` are the platform's
    own words without secrets; both are read from replies that are not `ok`. `returned_id` is the request id in the
    reply, if it differs from the id that was sent.
    """

    outcome: RequestOutcome
    status: int | None
    body: Any
    request_id: str
    started: float
    ms: float
    retry_after: float | None = None
    said: str = ""
    returned_id: str | None = None


def classify(operation: Operation, status: int, body: Any) -> RequestOutcome:
    """The outcome of a request that got a reply; `evidence.figures.RequestOutcome` explains the outcomes."""
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
    """Keeps one actor's connections, and the values of replies that it sends again, as a browser does."""

    __slots__ = ("_context", "_own", "_pool", "_templates", "_timeout", "_token", "_token_line")

    def __init__(
        self, base_url: str, contract: Contract, timeout: float, context: ssl.SSLContext, person: str = ""
    ) -> None:
        """`timeout` is how long a request may take, in seconds; connecting counts too. `person` is the actor's name."""
        self._templates = templates_of(base_url, contract)
        self._own = person_values(contract, person) if self._templates.sends_person_values else {}
        self._timeout = timeout
        self._context = context
        self._token: str | None = None
        self._token_line = ""
        self._pool = self._open()

    async def send(self, name: str, values: Values, token: str | None = None, key: str | None = None) -> ClientReply:
        """Send the operation of this name once. Failures of platform and network are outcomes, never exceptions."""
        request_id = new_request_id()
        started, clock = now(), time.perf_counter()
        outcome: RequestOutcome
        try:
            call = self._templates[name]
            sent = {**self._own, **values} if self._own else values
            if name in KEYED:
                sent = {**sent, KEY: key or uuid.uuid4().hex}
            request = call.fill(sent, request_id, self._headers(token, key))
            response, ended = await self._pool.send(request, clock + self._timeout)
        except TimeoutError:
            outcome = "timeout"
        except (Broken, Unsendable):  # unsendable: the platform gave an id or a token with a line break
            outcome = "transport"
        else:
            operation, ms = call.operation, _ms(clock, ended)
            body = body_in(operation, response)
            outcome = classify(operation, response.status, body)
            returned = self._returned_id(response, request_id)
            if outcome == "ok":
                if operation.keeps:
                    self._own |= operation.kept_in(body)
                return ClientReply(outcome, response.status, body, request_id, started, ms, returned_id=returned)
            plain = body.body if isinstance(body, ReceivedResponse) else body
            secrets = (*sent_secrets(sent, self._own, token), *received_secrets(operation, body))
            said = refusal_words(plain, "" if outcome == "unexpected" else _text(response.body), secrets)
            waits = _retry_after(response)
            return ClientReply(outcome, response.status, body, request_id, started, ms, waits, said, returned)
        return ClientReply(outcome, None, None, request_id, started, _ms(clock, time.perf_counter()))

    def operation(self, name: str) -> Operation:
        """The operation of this name."""
        return self._templates[name].operation

    async def reconnect(self) -> None:
        """Drop the connections and open new ones, as a reloaded page does."""
        self._pool.close()
        self._pool = self._open()

    async def close(self) -> None:
        """Drop the connections."""
        self._pool.close()

    def _open(self) -> ConnectionPool:
        return ConnectionPool(self._templates.origin, self._context)

    def _returned_id(self, response: Response, sent: str) -> str | None:
        """The request id in the reply's headers, if it differs from the id that was sent. Headers are parsed only if
        they do not hold the sent id, because parsing takes time."""
        if sent.encode() in response.head:
            return None
        return other_request_id(response.header(self._templates.contract.request_id_header), sent)

    def _headers(self, token: str | None, key: str | None) -> str:
        contract = self._templates.contract
        if token != self._token or self._templates.keeps:  # what is kept may stand in the header beside the token
            line = "" if token is None else header_line(*contract.token_line(token, self._own))
            self._token_line = line and f"\r\n{line}"
            self._token = token
        header = contract.idempotency_header
        if key is None or header is None:
            return self._token_line
        return f"{self._token_line}\r\n{header_line(header, key)}"


def body_in(operation: Operation, response: Response) -> Any:
    """The body of the reply as the operation reads it, with the headers if it reads them."""
    body = decoded(response.body) if operation.page is None else read_page(operation.page, response.body)
    return ReceivedResponse.of(body, response.headers()) if operation.reads_headers else body


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
