"""Waits until the API is ready."""

import asyncio
import json
import time
from typing import Any

from pytest_examday.platform.platform_error import PlatformError
from pytest_examday.platform.ports import HOST

_SECONDS = 20.0
_ONE_ANSWER_SECONDS = 3.0


async def until_ready(port: int) -> None:
    """Return when ``GET /v1/ready`` reports ready. Raises PlatformError after 20 s."""
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        if await _status(port) == "ready":
            return
        await asyncio.sleep(0.05)
    raise PlatformError("the API did not become ready in time")


async def _status(port: int) -> object:
    try:
        async with asyncio.timeout(_ONE_ANSWER_SECONDS):
            return (await _get(port)).get("status")
    except (OSError, TimeoutError, ValueError):
        return None


async def _get(port: int) -> dict[str, Any]:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(b"GET /v1/ready HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        _, _, body = (await reader.read()).partition(b"\r\n\r\n")
        answer: dict[str, Any] = json.loads(body)
        return answer
    finally:
        writer.close()
