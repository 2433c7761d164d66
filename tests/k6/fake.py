"""A platform with one fault after the other, for one candidate."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_OPERATIONS = {
    "login": r"POST /v1/auth/login",
    "refresh": r"POST /v1/auth/refresh",
    "create": r"POST /v1/sessions",
    "read": r"GET /v1/sessions/s",
    "answer": r"POST /v1/sessions/s/answers",
    "submit": r"POST /v1/sessions/s/submit",
    "review": r"GET /v1/sessions/s/review",
}


@dataclass(frozen=True)
class Reply:
    """What comes back: nothing at all if the status is None, and after so many seconds."""

    status: int | None = 200
    body: Any = None
    seconds: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """One request as the platform saw it, and from which connection (port of the client)."""

    operation: str
    body: Any
    key: str | None
    token: str | None
    request_id: str | None
    at: float
    port: int


class Fake:
    """Answers as the reference platform does; `faults` are the next replies to an operation instead."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.faults: dict[str, list[Reply]] = {}
        self.lifetime: float = 900
        self.answers: dict[str, str] = {}
        self._lock = threading.Lock()
        self.url = ""

    def calls(self, operation: str) -> list[Seen]:
        """The calls of that operation in the order of their arrival."""
        return [call for call in self.seen if call.operation == operation]

    def reply(self, seen: Seen) -> Reply:
        """What this request gets."""
        with self._lock:
            self.seen.append(seen)
            faults = self.faults.get(seen.operation)
            if faults:
                return faults.pop(0)
            return Reply(201 if seen.operation == "create" else 200, self._body(seen))

    def _body(self, seen: Seen) -> Any:
        shown = [{"question_id": question, "choice": choice} for question, choice in self.answers.items()]
        questions = [{"question_id": f"q{n}", "choices": [{"key": "A"}, {"key": "B"}]} for n in range(3)]
        session = {"session_id": "s", "questions": questions, "answers": shown}
        if seen.operation == "answer":
            self.answers[seen.body["question_id"]] = seen.body["choice"]
        tokens = {
            "access_token": f"access-{len(self.seen)}",
            "refresh_token": f"refresh-{len(self.seen)}",
            "expires_in": self.lifetime,
            "user_id": "u1",
        }
        bodies: dict[str, Any] = {
            "login": tokens,
            "refresh": tokens,
            "create": session,
            "read": session,
            "answer": {"choice": (seen.body or {}).get("choice")},
            "submit": {"status": "SUBMITTED", "score": 2.5},
            "review": {"score": 2.5, "questions": shown},
        }
        return bodies.get(seen.operation, {})


@contextmanager
def serving(fake: Fake) -> Iterator[Fake]:
    """The platform on a port of its own."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), _handler(fake.reply)) as server:
        fake.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield fake
        server.shutdown()
        thread.join()


def _handler(reply_to: Callable[[Seen], Reply]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            reply = reply_to(self._seen())
            time.sleep(reply.seconds)
            if reply.status is None:
                self.close_connection = True
                return
            content = json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _serve  # noqa: N815 # the names of the standard library

        def _seen(self) -> Seen:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            called = f"{self.command} {self.path}"
            operation = next(name for name, form in _OPERATIONS.items() if re.fullmatch(form, called))
            return Seen(
                operation,
                json.loads(content) if content else None,
                self.headers.get("Idempotency-Key"),
                (self.headers.get("Authorization") or " ").split(" ", 1)[1] or None,
                self.headers.get("X-Request-ID"),
                time.time(),
                self.client_address[1],
            )

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the name of the standard library
            """Say nothing."""

    return Handler
