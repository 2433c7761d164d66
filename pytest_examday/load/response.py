"""Reads an HTTP response from the pieces in which its bytes arrive."""

from collections.abc import Iterator

import msgspec
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

HEADER_LIMIT = 64 * 1024
"""Most bytes of status lines and headers of one response; interim responses and trailers count too."""
BODY_LIMIT = 16 * 1024 * 1024
"""Most bytes of a body. No real reply is as long; the limit keeps a faulty platform from filling the memory."""

_FRAMING_SHARE = 8
"""Most bytes of framing for each byte of the body. A chunk of one byte needs five (RFC 9112, chunked)."""


class Broken(Exception):
    """No whole reply came: not connected, reset, closed too early, too large, or not HTTP."""


class Response(msgspec.Struct, frozen=True, gc=False):
    """The platform's reply. `head` holds the first bytes of the response, with all of its headers."""

    status: int
    body: bytes
    head: bytes

    def header(self, name: str) -> str | None:
        """The header's value; None if there is none. Several headers of one name are joined with commas (RFC 9110)."""
        searched = name.lower().encode("latin-1")
        values = [value for given, value in Head(self.head).headers if given.lower() == searched]
        return b", ".join(values).decode("latin-1") if values else None

    def headers(self) -> Iterator[tuple[str, str]]:
        """Names and values of all headers, as they came."""
        for name, value in Head(self.head).headers:
            yield name.decode("latin-1"), value.decode("latin-1")


class Head:
    """Status and headers, read from the first bytes of a response.

    Headers are parsed only when somebody asks for one, because that is rare. `status` is None if the headers are not
    complete. `size` counts the bytes of all headers, those of interim responses too.
    """

    def __init__(self, data: bytes) -> None:
        self.status: int | None = None
        self.headers: list[tuple[bytes, bytes]] = []
        self.size = 0
        self._parser: HttpResponseParser | None = HttpResponseParser(self)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            if self.status is None:  # an error after the head does not spoil the head
                self.headers.clear()
        self._parser = None  # parser and object refer to each other; without that cycle both are freed at once

    @property
    def framed(self) -> bool:
        """Whether the headers say where the body ends."""
        return any(_frames(name.lower(), value.lower()) for name, value in self.headers)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer after the body."""
        self.size += len(name) + len(value)
        if self.status is None:
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The headers of the response, or of an interim response before it, are complete."""
        if self._parser is None or self.status is not None:
            return
        status = self._parser.get_status_code()
        if 100 <= status < 200:
            self.headers.clear()
        else:
            self.status = status


class _TooLarge(Exception):
    """Ends the parsing of a reply above a limit."""


class _Surplus(Exception):
    """Ends the parsing when a second response begins, which nobody asked for."""


class Incoming:
    """Parses the responses of one connection, one after the other.

    `reusable` says whether the connection may carry another request after the last response.
    """

    __slots__ = ("_body", "_body_size", "_head", "_parser", "_received", "_status", "reusable")

    def __init__(self) -> None:
        self.reusable = False
        self._parser = HttpResponseParser(self)
        self._begin()

    def _begin(self) -> None:
        self._head = b""
        self._body: list[bytes] = []
        self._received = self._body_size = 0
        self._status: int | None = None

    def feed(self, data: bytes) -> Response | None:
        """The response, once its last byte is in; None before. Raises Broken for bytes that cannot be a response."""
        if not self._body_size:
            self._head += data
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as problem:
            if self._status is None:
                raise Broken(_reason(problem)) from problem
            self.reusable = False
        else:
            if self._received - self._body_size > HEADER_LIMIT:
                self._look_closely()
        return None if self._status is None else self._response(self._status)

    def _look_closely(self) -> None:
        """Raise Broken if headers or framing are too large.

        It is called when more bytes came beside the body than headers may have. They may be headers, or the framing of
        many small chunks.
        """
        if self._received - self._body_size > HEADER_LIMIT + _FRAMING_SHARE * self._body_size:
            raise Broken("what surrounds the body is too large")
        if Head(self._head).size > HEADER_LIMIT:
            raise Broken("headers are too large")

    def end(self) -> Response:
        """The response of a connection that has ended; raises Broken if it ended before the response was complete."""
        head = Head(self._head)
        if head.status is not None and not head.framed:
            return self._response(head.status)
        raise Broken("closed before the reply was whole" if self._received else "closed before any byte of the reply")

    def close(self) -> None:
        """Drop the parser. It and this object refer to each other; without that cycle both are freed at once."""
        del self._parser

    def on_message_begin(self) -> None:
        """A status line begins."""
        if self._status is not None:
            raise _Surplus

    def on_body(self, data: bytes) -> None:
        """A piece of the body."""
        self._body_size += len(data)
        if self._body_size > BODY_LIMIT:
            raise _TooLarge("the body is too large")
        self._body.append(data)

    def on_message_complete(self) -> None:
        """A response is complete; interim ones (1xx) do not count."""
        status = self._parser.get_status_code()
        if not 100 <= status < 200:
            self._status = status
            self.reusable = self._parser.should_keep_alive()

    def _response(self, status: int) -> Response:
        response = Response(status, b"".join(self._body), self._head)
        self._begin()
        return response


def _frames(name: bytes, value: bytes) -> bool:
    return name == b"content-length" or (name == b"transfer-encoding" and b"chunked" in value)


def _reason(problem: Exception) -> str:
    cause = problem.__context__
    if isinstance(problem, HttpParserUpgrade):
        return "another protocol was switched to"
    return str(cause) if isinstance(cause, _TooLarge) else f"no HTTP: {problem}"
