"""One candidate's connection to the platform: sends an operation of the contract, classifies what comes back."""

import asyncio
import ssl
import time
import uuid
from dataclasses import dataclass
from typing import Any

import httpx

from pytest_examday.contract.operations import Contract, Operation, Values
from pytest_examday.evidence.figures import Outcome
from pytest_examday.load.samples import Sample, SampleWriter


@dataclass(frozen=True)
class Answer:
    """What came back for one request; `status` is None where nothing did."""

    outcome: Outcome
    status: int | None
    body: Any
    request_id: str
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
    """Keeps one candidate's connections, as a browser does; every request becomes a sample."""

    def __init__(
        self, base_url: str, contract: Contract, timeout: float, context: ssl.SSLContext, samples: SampleWriter
    ) -> None:
        self._contract = contract
        self._samples = samples
        self._timeout = timeout
        self._base_url = base_url
        self._context = context
        self._http = self._open()

    async def send(
        self, name: str, candidate: str, values: Values, token: str | None = None, key: str | None = None
    ) -> Answer:
        """Send the operation of that name once; never raises for what the platform or the network does."""
        operation: Operation = getattr(self._contract, name)
        request_id = f"ed-{uuid.uuid4().hex}"
        started, clock = time.time(), time.perf_counter()
        outcome: Outcome
        status, body, retry_after = None, None, None
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._http.request(
                    operation.method,
                    operation.path_for(values),
                    json=operation.body_for(values),
                    headers=self._headers(request_id, token, key),
                )
            status, body = response.status_code, _json(response)
            outcome = classify(operation, status, body)
            retry_after = _seconds(response.headers.get("retry-after"))
        except (httpx.TimeoutException, TimeoutError):
            outcome = "timeout"
        except httpx.RequestError:  # a broken content encoding too
            outcome = "transport"
        ms = (time.perf_counter() - clock) * 1000
        self._samples.add(Sample(name, candidate, started, round(ms, 3), status, outcome, request_id))
        return Answer(outcome, status, body, request_id, ms, retry_after)

    async def reconnect(self) -> None:
        """Drop the connections and begin anew, as a reloaded page does."""
        await self._http.aclose()
        self._http = self._open()

    async def close(self) -> None:
        """Drop the connections."""
        await self._http.aclose()

    def _open(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self._base_url, timeout=self._timeout, verify=self._context)

    def _headers(self, request_id: str, token: str | None, key: str | None) -> dict[str, str]:
        headers = {self._contract.request_id_header: request_id}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if key is not None and self._contract.idempotency_header is not None:
            headers[self._contract.idempotency_header] = key
        return headers


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None  # an answer that is not JSON holds nothing that the contract could find


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdigit() else None
