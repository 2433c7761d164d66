"""Waits until the API is ready."""

import asyncio
import json
import time
from typing import Any

from pytest_examday.local_servers.local_server_error import LocalServerError
from pytest_examday.local_servers.ports import HOST

_SECONDS = 20.0
_ONE_REPLY_SECONDS = 3.0


async def until_ready(port: int, path: str) -> None:
    """Return when `GET path` replies with the status "ready". Raises LocalServerError after 20 s."""
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        if await _status(port, path) == "ready":
            return
        await asyncio.sleep(0.05)
    raise LocalServerError("the API did not become ready in time")


async def _status(port: int, path: str) -> object:
    try:
        async with asyncio.timeout(_ONE_REPLY_SECONDS):
            return (await _get(port, path)).get("status")
    except (OSError, TimeoutError, ValueError):
        return None


async def _get(port: int, path: str) -> dict[str, Any]:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(f"GET {path} HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        _, _, body = (await reader.read()).partition(b"\r\n\r\n")
        answer: dict[str, Any] = json.loads(body)
        return answer
    finally:
        writer.close()
