"""An exam platform small enough to live inside a test, and a client whose network leads to it."""

import asyncio
import json
import re
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from pytest_examday.contract.contract import Contract
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.load.client import Client
from pytest_examday.load.connection_pool import ConnectionPool
from pytest_examday.load.request import Origin
from pytest_examday.load.response import Broken, Response

_ANSWER_SECONDS = 0.001
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_OPERATIONS = {
    "login": r"POST /v1/auth/login",
    "refresh": r"POST /v1/auth/refresh",
    "create": r"POST /v1/sessions",
    "read": r"GET /v1/sessions/[^/]+",
    "answer": r"POST /v1/sessions/[^/]+/answers",
    "submit": r"POST /v1/sessions/[^/]+/submit",
    "review": r"GET /v1/sessions/[^/]+/review",
}

Disturbance = Callable[[httpx.Request], Awaitable[httpx.Response]]


@dataclass
class Seen:
    """One request as the platform saw it."""

    operation: str
    body: dict[str, Any]
    key: str | None
    token: str | None
    request_id: str


@dataclass
class FakeExam:
    """Three questions, one candidate; `disturb` decides what happens to the next calls of an operation."""

    lifetime: float = 900
    seen: list[Seen] = field(default_factory=list)
    answers: dict[str, str | None] = field(default_factory=dict)
    disturbances: dict[str, list[Disturbance]] = field(default_factory=dict)
    tokens: int = 0

    def disturb(self, operation: str, *disturbances: Disturbance) -> None:
        """What happens to the next calls of this operation, one after the other."""
        self.disturbances.setdefault(operation, []).extend(disturbances)

    def calls(self, operation: str) -> list[Seen]:
        """The calls of one operation."""
        return [call for call in self.seen if call.operation == operation]

    async def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer as the reference platform would."""
        line = f"{request.method} {request.url.path}"
        operation = next(name for name, pattern in _OPERATIONS.items() if re.fullmatch(pattern, line))
        body = json.loads(request.content or b"{}")
        headers = request.headers
        token = headers.get("authorization", "").removeprefix("Bearer ") or None
        self.seen.append(Seen(operation, body, headers.get("idempotency-key"), token, headers["x-request-id"]))
        waiting = self.disturbances.get(operation, [])
        if waiting:
            return await waiting.pop(0)(request)
        await asyncio.sleep(_ANSWER_SECONDS)
        answer: httpx.Response = getattr(self, f"_{operation}")(body)
        return answer

    def _login(self, body: dict[str, Any]) -> httpx.Response:
        self.tokens += 1
        tokens = {"access_token": f"access-{self.tokens}", "refresh_token": f"refresh-{self.tokens}"}
        return httpx.Response(200, json={**tokens, "expires_in": self.lifetime, "user_id": "user-1"})

    def _refresh(self, body: dict[str, Any]) -> httpx.Response:
        current = body["refresh_token"] == f"refresh-{self.tokens}"
        return self._login(body) if current else httpx.Response(401, json={"detail": "used"})

    def _create(self, body: dict[str, Any]) -> httpx.Response:
        choices = [{"key": key} for key in "ABC"]
        questions = [{"question_id": f"q{n}", "choices": choices} for n in range(body["question_count"])]
        return httpx.Response(201, json={"session_id": "s-1", "questions": questions})

    def _read(self, body: dict[str, Any]) -> httpx.Response:
        answers = [{"question_id": question, "choice": choice} for question, choice in self.answers.items()]
        return httpx.Response(200, json={"session_id": "s-1", "answers": answers})

    def _answer(self, body: dict[str, Any]) -> httpx.Response:
        self.answers[body["question_id"]] = body["choice"]
        return httpx.Response(200, json={"choice": body["choice"]})

    def _submit(self, body: dict[str, Any]) -> httpx.Response:
        return httpx.Response(200, json={"status": "SUBMITTED", "score": 2})

    def _review(self, body: dict[str, Any]) -> httpx.Response:
        shown = [{"question_id": question, "choice": choice} for question, choice in self.answers.items()]
        return httpx.Response(200, json={"score": 2, "questions": shown})


def status(code: int, body: Any = None, **headers: str) -> Disturbance:
    """Answer with this status."""

    async def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(code, json=body, headers=headers)

    return answer


def html(code: int, page: str = "<html>") -> Disturbance:
    """Answer with a page that is no JSON, as a proxy does."""

    async def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(code, text=page)

    return answer


def raising(problem: type[httpx.RequestError]) -> Disturbance:
    """Fail as the network does."""

    async def answer(request: httpx.Request) -> httpx.Response:
        raise problem("planted", request=request)

    return answer


def late(seconds: float) -> Disturbance:
    """Answer only after this time."""

    async def answer(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(seconds)
        return httpx.Response(200, json={"choice": "A"})

    return answer


class FakeConnectionPool(ConnectionPool):
    """Connections that lead to the fake platform; what its network does has httpx's names."""

    def __init__(self, exam: FakeExam) -> None:
        super().__init__(Origin.of("http://exam.example"), _NO_TLS)
        self._exam = exam

    async def send(self, request: bytes, deadline: float) -> tuple[Response, float]:
        """Ask the fake platform."""
        try:
            async with asyncio.timeout(deadline - time.perf_counter()):
                response = await self._exam.handle(_understood(request))
        except httpx.TimeoutException as problem:
            raise TimeoutError from problem
        except httpx.RequestError as problem:
            raise Broken(str(problem)) from problem
        lines = b"".join(b"%b: %b\r\n" % field for field in response.headers.raw)
        head = b"HTTP/1.1 %d OK\r\n%b\r\n" % (response.status_code, lines)
        return Response(response.status_code, response.content, head), time.perf_counter()


def _understood(request: bytes) -> httpx.Request:
    head, _, content = request.partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    method, path, _ = line.split(" ")
    headers = [(name, value) for name, _, value in (field.partition(": ") for field in fields)]
    return httpx.Request(method, f"http://exam.example{path}", headers=headers, content=content)


class FakeClient(Client):
    """A client whose network is the fake platform."""

    exam: FakeExam
    opened = 0

    def _open(self) -> ConnectionPool:
        self.opened += 1
        return FakeConnectionPool(self.exam)


def client_of(exam: FakeExam, timeout: float = 2.0, contract: Contract = CONTRACT, person: str = "") -> FakeClient:
    """A client of the fake platform."""
    kind = type("Wired", (FakeClient,), {"exam": exam})
    client: FakeClient = kind("http://exam.example", contract, timeout, _NO_TLS, person)
    return client
