"""The control socket while the platform ends."""

import asyncio
import json
import logging
from typing import Any

import pytest

from pytest_examday.local_servers.control_server import ControlServer


class _NeverDone:
    """A supervisor whose service does not come up."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def change(self, action: str, name: str) -> dict[str, Any]:
        self.asked.set()
        await asyncio.Event().wait()
        return {}


async def _end_in_the_middle_of_a_command() -> None:
    supervisor: Any = _NeverDone()
    server = ControlServer(supervisor)
    await server.open()
    _reader, writer = await asyncio.open_unix_connection(server.path)
    writer.write(json.dumps({"command": "start", "service": "worker-2"}).encode() + b"\n")
    await supervisor.asked.wait()
    await server.close()
    writer.close()
    await writer.wait_closed()


def test_a_command_under_way_ends_with_the_platform_and_without_a_complaint(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        asyncio.run(_end_in_the_middle_of_a_command())
    assert caplog.records == []
