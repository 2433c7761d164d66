"""The fake platform on a real port, for candidates who live in a process of their own."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx

from tests.load.fake_exam import FakeExam


class _Server(ThreadingHTTPServer):
    """Says nothing of a candidate who hung up: some of them are meant to."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serving(exam: FakeExam) -> Iterator[str]:
    """The address of the platform while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            url = f"http://exam.example{self.path}"
            request = httpx.Request(self.command, url, headers=dict(self.headers), content=body)
            response = asyncio.run(exam.handle(request))
            self.send_response(response.status_code)
            for name, value in response.headers.multi_items():
                if name.lower() != "content-length":
                    self.send_header(name, value)
            self.send_header("content-length", str(len(response.content)))
            self.end_headers()
            self.wfile.write(response.content)

        do_GET = do_POST = _answer  # noqa: N815 # the names that the server calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the name that the server passes
            """Say nothing."""

    server = _Server(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
