"""A transport of httpx that limits the whole time and the size of each exchange.

httpx limits only the time of single reads: a reply that comes byte by byte, or without end, would take for ever or all
memory.
"""

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

REPLY_LIMIT = 16 * 1024 * 1024
"""Most bytes of one reply: headers, interim replies and body. No real reply to a probe is as long."""


class _Bounds:
    """The time and bytes that are left to the exchange under way."""

    def __init__(self) -> None:
        self._deadline = self._bytes = 0.0

    def begin(self, seconds: float) -> None:
        """An exchange begins, and may take some seconds."""
        self._deadline, self._bytes = time.monotonic() + seconds, REPLY_LIMIT

    def left(self) -> float:
        """The seconds that are left. Raises ReadTimeout if there are none."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the whole reply did not come in time")
        return left

    def count(self, size: int) -> None:
        """Count bytes that were read. Raises ReadError if they are too many."""
        self._bytes -= size
        if self._bytes < 0:
            raise httpcore.ReadError(f"the reply is longer than {REPLY_LIMIT // 1024**2} MiB")


class _Stream(httpcore.NetworkStream):
    """A connection whose operations have the time that is left to the exchange, whatever httpcore gives them."""

    def __init__(self, stream: httpcore.NetworkStream, bounds: _Bounds) -> None:
        self._stream = stream
        self._bounds = bounds

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # httpcore's
        data = self._stream.read(max_bytes, self._bounds.left())
        self._bounds.count(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # httpcore's
        self._stream.write(buffer, self._bounds.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # httpcore's
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, self._bounds.left()), self._bounds)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.SyncBackend):
    """Opens connections that are held to the bounds."""

    def __init__(self, bounds: _Bounds) -> None:
        self._bounds = bounds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        opened = super().connect_tcp(host, port, self._bounds.left(), local_address, socket_options)
        return _Stream(opened, self._bounds)


class BoundedTransport(httpx.HTTPTransport):
    """Sends requests over one connection. The time limit of a client's reads is that of the whole exchange."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(verify=context, trust_env=False)
        self._bounds = _Bounds()
        # httpx hands no network backend through; all else that its transport does is wanted.
        self._pool = httpcore.ConnectionPool(
            ssl_context=context, max_connections=1, network_backend=_Backend(self._bounds)
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and wait for the beginning of its reply."""
        self._bounds.begin(request.extensions["timeout"]["read"])
        return super().handle_request(request)
