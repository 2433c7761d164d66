"""One candidate's connection to the platform: sends an operation of the contract, classifies what comes back."""

import asyncio
import json
import ssl
import time
import uuid
from dataclasses import dataclass
from typing import Any

from pytest_examday.contract.operations import Contract, Operation, Values
from pytest_examday.evidence.figures import Outcome
from pytest_examday.load.pool import Pool
from pytest_examday.load.request import Origin, Unsendable
from pytest_examday.load.response import Broken


@dataclass(frozen=True)
class Answer:
    """What came back for one request, sent at `started` (seconds since the epoch); `status` is None where nothing."""

    outcome: Outcome
    status: int | None
    body: Any
    request_id: str
    started: float
    ms: float
    retry_after: float | None = None


def classify(operation: Operation, status: int, body: Any) -> Outcome:
    """How an answered request ended."""
    if status == 429:
        return "limited"
    if operation.accepted(status, body):
        return "ok"
    if status in operation.success:
        return "unexpected"
    return "server_error" if status >= 500 or status in (408, 425) else "client_error"


class Client:
    """Keeps one candidate's connections, as a browser does."""

    def __init__(self, base_url: str, contract: Contract, timeout: float, context: ssl.SSLContext) -> None:
        self._contract = contract
        self._timeout = timeout
        self._origin = Origin.of(base_url)
        self._context = context
        self._pool = self._open()

    async def send(self, name: str, values: Values, token: str | None = None, key: str | None = None) -> Answer:
        """Send the operation of that name once; never raises for what the platform or the network does."""
        operation: Operation = getattr(self._contract, name)
        request_id = f"ed-{uuid.uuid4().hex}"
        started, clock = time.time(), time.perf_counter()
        outcome: Outcome
        status, body, retry_after = None, None, None
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._pool.send(
                    operation.method,
                    operation.path_for(values),
                    self._headers(request_id, token, key),
                    operation.body_for(values),
                )
            status, body = response.status, _json(response.body)
            outcome = classify(operation, status, body)
            retry_after = _seconds(response.header("retry-after"))
        except TimeoutError:
            outcome = "timeout"
        except (Broken, Unsendable):  # unsendable: the platform gave an id or a token with a line break
            outcome = "transport"
        ms = (time.perf_counter() - clock) * 1000
        return Answer(outcome, status, body, request_id, started, round(ms, 3), retry_after)

    async def reconnect(self) -> None:
        """Drop the connections and begin anew, as a reloaded page does."""
        self._pool.close()
        self._pool = self._open()

    async def close(self) -> None:
        """Drop the connections."""
        self._pool.close()

    def _open(self) -> Pool:
        return Pool(self._origin, self._context)

    def _headers(self, request_id: str, token: str | None, key: str | None) -> dict[str, str]:
        headers = {self._contract.request_id_header: request_id}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if key is not None and self._contract.idempotency_header is not None:
            headers[self._contract.idempotency_header] = key
        return headers


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None  # an answer that is not JSON holds nothing that the contract could find


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdigit() else None
