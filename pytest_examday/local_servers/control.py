"""The client of a running service's control socket: stops, kills, starts and restarts services, and runs jobs."""

import json
import socket
from pathlib import Path
from typing import Any

_TIMEOUT_SECONDS = 90.0


class ControlError(Exception):
    """The supervisor refused or could not be reached; the message is one line."""


class Control:
    """Sends commands to the control socket that the state file names.

    A service is ``postgres``, ``redis``, ``worker-1``…, or ``backend`` for all workers. Stopping a stopped service and
    starting a running one do nothing. Every method raises :class:`ControlError` if the supervisor refuses or does not
    reply.
    """

    def __init__(self, path: str | Path, *, timeout_seconds: float = _TIMEOUT_SECONDS) -> None:
        self._path = str(path)
        self._timeout = timeout_seconds

    def status(self) -> dict[str, Any]:
        """The contents of the state file at this moment."""
        return self._ask("status")

    def stop(self, service: str) -> None:
        """Stop a service gracefully; returns when it is gone."""
        self._ask("stop", service=service)

    def kill(self, service: str) -> None:
        """Stop a service with SIGKILL; returns when it is gone."""
        self._ask("kill", service=service)

    def start(self, service: str) -> None:
        """Start a service; returns when it accepts connections. Raises ControlError after 20 seconds."""
        self._ask("start", service=service)

    def restart(self, service: str) -> None:
        """Stop a service gracefully and start it again."""
        self._ask("restart", service=service)

    def environment(self, service: str) -> dict[str, str]:
        """The environment variables of a running worker, secrets included: hide those before you show or keep them."""
        return self._ask("environment", service=service)

    def run_job(self, name: str) -> dict[str, Any]:
        """Run a background job; returns ``{"exit_status": int, "output": str}``."""
        return self._ask("run_job", job=name)

    def shutdown(self) -> None:
        """Stop everything; returns when the stop has begun."""
        self._ask("shutdown")

    def _ask(self, command: str, **fields: str) -> dict[str, Any]:
        try:
            line = self._exchange(json.dumps({"command": command, **fields}).encode() + b"\n")
            reply = json.loads(line)
        except (OSError, ValueError) as error:
            raise ControlError(f"the supervisor does not reply on {self._path}: {error}") from error
        if "error" in reply:
            raise ControlError(str(reply["error"]))
        result: dict[str, Any] = reply["result"]
        return result

    def _exchange(self, request: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(self._timeout)
            connection.connect(self._path)
            connection.sendall(request)
            with connection.makefile("rb") as stream:
                return stream.readline()
