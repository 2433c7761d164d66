"""An answer as it comes in: bytes in pieces of any size become one response."""

from dataclasses import dataclass

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

HEADER_LIMIT = 64 * 1024
"""Bytes of status lines and headers, interim answers and trailers among them."""
BODY_LIMIT = 64 * 1024 * 1024
"""Bytes of the body: far above any exam, so that a platform run wild cannot take the generator's memory."""


_FRAMING_SHARE = 8
"""Bytes that may surround each byte of the body: chunks of one byte need five."""


class Broken(Exception):
    """No whole answer: not connected, reset, closed too early, too large, or no HTTP."""


@dataclass(frozen=True, slots=True)
class Response:
    """What the platform answered."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The header's value, several in one as HTTP joins them; None where there is none."""
        wanted = name.lower().encode("latin-1")
        values = [value for given, value in self.headers if given.lower() == wanted]
        return b", ".join(values).decode("latin-1") if values else None


class _TooLarge(Exception):
    """Ends the parsing of an answer above a limit."""


class _Surplus(Exception):
    """Ends the parsing at a second answer that nobody asked for."""


class Incoming:
    """One answer while it comes in; `reusable` says whether the connection may carry another request after it."""

    __slots__ = (
        "_body",
        "_body_size",
        "_framed",
        "_head_size",
        "_headers",
        "_interim",
        "_parser",
        "_received",
        "_status",
        "_whole",
        "reusable",
    )

    def __init__(self) -> None:
        self.reusable = False
        self._parser: HttpResponseParser | None = HttpResponseParser(self)
        self._status: int | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._received = self._head_size = self._body_size = 0
        self._framed = self._interim = self._whole = False

    def feed(self, data: bytes) -> Response | None:
        """The response once its last byte is in, None before; raises Broken where it cannot become one."""
        self._received += len(data)
        try:
            self._parsing().feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as problem:
            if not self._whole:
                raise Broken(_reason(problem)) from problem
            self.reusable = False
        if self._whole:
            return self._response()
        if self._received - self._body_size > HEADER_LIMIT + _FRAMING_SHARE * self._body_size:
            raise Broken("what surrounds the body is too large")
        return None

    def end(self) -> Response:
        """The response of a connection that ended now; raises Broken where that is too early."""
        if self._status is not None and not self._framed:
            return self._response()
        raise Broken("closed before the answer was whole" if self._received else "closed before any byte of the answer")

    def on_message_begin(self) -> None:
        """A status line begins."""
        if self._whole:
            raise _Surplus

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer after the body."""
        self._head_size += len(name) + len(value)
        if self._head_size > HEADER_LIMIT:
            raise _TooLarge("headers are too large")
        if self._status is None:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The body begins, or after an interim answer the next one."""
        status = self._parsing().get_status_code()
        self._interim = 100 <= status < 200
        if self._interim:
            self._headers.clear()
            return
        self._status = status
        self._framed = any(_frames(name.lower(), value.lower()) for name, value in self._headers)

    def on_body(self, data: bytes) -> None:
        """A piece of the body."""
        self._body_size += len(data)
        if self._body_size > BODY_LIMIT:
            raise _TooLarge("the body is too large")
        self._body.append(data)

    def on_message_complete(self) -> None:
        """The answer is whole, unless it was an interim one."""
        if not self._interim:
            self._whole = True
            self.reusable = self._parsing().should_keep_alive()

    def _parsing(self) -> HttpResponseParser:
        if self._parser is None:
            raise RuntimeError("this answer has come to its end")
        return self._parser

    def _response(self) -> Response:
        self._parser = None  # the parser holds on to this object: without the circle both go at once
        return Response(self._status or 0, tuple(self._headers), b"".join(self._body))


def _frames(name: bytes, value: bytes) -> bool:
    return name == b"content-length" or (name == b"transfer-encoding" and b"chunked" in value)


def _reason(problem: Exception) -> str:
    cause = problem.__context__
    if isinstance(problem, HttpParserUpgrade):
        return "another protocol was switched to"
    return str(cause) if isinstance(cause, _TooLarge) else f"no HTTP: {problem}"
