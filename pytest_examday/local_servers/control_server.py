"""The control socket: each request is one line of JSON, and so is each reply."""

import asyncio
import json
import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, Protocol

import psutil

from pytest_examday.local_servers.local_server_error import LocalServerError
from pytest_examday.local_servers.service import Service

# A Unix socket's path may have 107 characters; long temporary directories are common in tests.
_LONGEST_FOLDER = 70
_CHANGES = frozenset({"start", "stop", "kill", "restart"})


class Controlled(Protocol):
    """The part of the supervisor that the control socket calls."""

    def describe(self) -> dict[str, Any]:
        """The contents of the state file."""

    def select(self, name: str) -> list[Service]:
        """The services that the name stands for."""

    async def change(self, action: str, name: str) -> dict[str, Any]:
        """Start, stop, kill or restart services."""

    async def run_job(self, name: str) -> dict[str, Any]:
        """Run a background job."""

    def request_stop(self) -> None:
        """Stop everything."""


class ControlServer:
    """Listens on a Unix socket, in a folder that only this user may enter."""

    def __init__(self, supervisor: Controlled) -> None:
        self._supervisor = supervisor
        self._folder = Path(tempfile.mkdtemp(prefix="examday-", dir=_short_folder()))
        self._server: asyncio.Server | None = None

    @property
    def path(self) -> Path:
        """Path of the socket."""
        return self._folder / "control.sock"

    async def open(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_unix_server(self._serve, self.path)

    async def close(self) -> None:
        """Stop replying and remove the socket."""
        if self._server is not None:
            self._server.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                answer = await self._reply(line)
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError) as error:
            logging.getLogger(__name__).info("control connection ended: %s", error)
        except asyncio.CancelledError:
            return  # everything stops during a command: its caller sees the connection end
        finally:
            writer.close()

    async def _reply(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
            return {"result": await self._obey(request["command"], request)}
        except LocalServerError as error:
            return {"error": str(error)}
        except (ValueError, KeyError, TypeError) as error:
            return {"error": f"malformed request: {error}"}
        except Exception as error:
            logging.getLogger(__name__).error("control_failed", exc_info=error)
            return {"error": f"internal error: {type(error).__name__}"}

    async def _obey(self, command: str, request: dict[str, Any]) -> dict[str, Any]:
        if command in _CHANGES:
            return await self._supervisor.change(command, request["service"])
        if command == "status":
            return self._supervisor.describe()
        if command == "environment":
            return self._environment(request["service"])
        if command == "run_job":
            return await self._supervisor.run_job(request["job"])
        if command == "shutdown":
            self._supervisor.request_stop()
            return {}
        raise LocalServerError(f"unknown command {command!r}")

    def _environment(self, name: str) -> dict[str, str]:
        service = self._supervisor.select(name)[0]
        if service.pid is None:
            raise LocalServerError(f"{service.name} is not running")
        try:
            return psutil.Process(service.pid).environ()
        except psutil.Error as error:
            raise LocalServerError(f"the environment of {service.name} cannot be read: {error}") from error


def _short_folder() -> str | None:
    return "/tmp" if len(os.fsencode(tempfile.gettempdir())) > _LONGEST_FOLDER else None  # noqa: S108 (mkdtemp follows)
