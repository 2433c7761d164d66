"""A platform that is nothing but a control socket: services are names that run or not, and it can be made to fail."""

import json
import os
import socketserver
import threading
from pathlib import Path
from typing import Any

from pytest_examday.config.environment import Environment
from pytest_examday.config.runtimes import EmbeddedSettings
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.target.target import Target

SERVICES = ("postgres", "redis")
WORKERS = ("worker-1", "worker-2")
NOBODY = 2**22 + 1
"""No process has this number: it is beyond the kernel's largest."""


class FakePlatform:
    """Obeys the control protocol of the embedded platform from a thread of this process.

    `refuses` makes `start` fail with that text; `pretends` makes it say that it worked; `slow_stop` are the seconds
    after which a stop that was asked for is done.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "platform.json"
        self.running = dict.fromkeys((*SERVICES, *WORKERS), True)
        self.asked: list[str] = []
        self.refuses: str | None = None
        self.pretends = False
        self.slow_stop = 0.0
        self._server = _Server(str(folder / "control.sock"), self)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.write_state(os.getpid())

    def write_state(self, supervisor: int, api_url: str = "http://127.0.0.1:1") -> None:
        """What `platform.json` says."""
        state = {
            "api_url": api_url,
            "database_url": "postgresql://auditor:secret-of-db@127.0.0.1:1/exam",
            "redis_url": "redis://127.0.0.1:1/0",
            "log_files": [],
            "control": str(self.folder / "control.sock"),
            "supervisor_pid": supervisor,
            "workers": self._pids(WORKERS),
            "admin": {"email": "admin@exam.example", "password": "secret-of-admin"},
            "candidates": {"email": "c{n}@exam.example", "password": "secret-of-all", "count": 9},
            "pool": {},
        }
        self.state.write_text(json.dumps(state))

    def obey(self, command: str, service: str | None) -> dict[str, Any]:
        """One command of the protocol."""
        if command == "status":
            return {"result": {"services": self._pids(SERVICES), "workers": self._pids(WORKERS)}}
        self.asked.append(f"{command} {service}")
        names = WORKERS if service == "backend" else (str(service),)
        if command == "start":
            return self._start(names)
        if self.slow_stop:
            threading.Timer(self.slow_stop, self._set, (names, False)).start()
        else:
            self._set(names, False)
        return {"result": {}}

    def _start(self, names: tuple[str, ...]) -> dict[str, Any]:
        if self.refuses is not None:
            return {"error": self.refuses}
        if not self.pretends:
            self._set(names, True)
        return {"result": {}}

    def _set(self, names: tuple[str, ...], running: bool) -> None:
        self.running.update(dict.fromkeys(names, running))

    def _pids(self, names: tuple[str, ...]) -> dict[str, int | None]:
        return {name: NOBODY if self.running[name] else None for name in names}

    def target(self, name: str = "run", **more: Any) -> Target:
        """An attached target on it with a run directory of its own."""
        directory = self.folder / name
        for folder in ("evidence", "ledger", "logs"):
            (directory / folder).mkdir(parents=True, exist_ok=True)
        return Target(self.environment(), RunFiles(directory, Redactor()), os.getpid(), **more)

    def environment(self) -> Environment:
        """As a configuration would attach to it."""
        runtime = EmbeddedSettings(kind="embedded", state=self.state)
        return Environment(name="staging", runtime=runtime, allow=("read", "write", "disrupt"))

    def end(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path: str, platform: FakePlatform) -> None:
        self.platform = platform
        super().__init__(path, _Handler)


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        for line in self.rfile:
            asked = json.loads(line)
            answer = self.server.platform.obey(asked["command"], asked.get("service"))
            self.wfile.write(json.dumps(answer).encode() + b"\n")
