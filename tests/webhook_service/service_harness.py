"""A real webhook service under test, and companies that send to it."""

import hmac
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
from psycopg.rows import dict_row

from pytest_examday.local_servers.control import Control
from tests.waiting import wait_until

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
START_SECONDS = 120.0
DAY = 86_400


def environment() -> dict[str, str]:
    """The tests' environment with the package and the variants importable."""
    path = os.pathsep.join([str(ROOT), str(HERE), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path}


def command(*arguments: object) -> list[str]:
    """The command line of the service."""
    return [sys.executable, "-m", "pytest_examday.webhook_service", *map(str, arguments)]


def processes_of(directory: Path) -> list[str]:
    """The command lines of all processes that mention or sit in the directory."""
    found = []
    for process in psutil.process_iter():
        try:
            line = process.cmdline()
            places = [process.cwd(), *line]
        except psutil.Error:
            continue
        if any(str(directory) in place for place in places):
            found.append(" ".join(line))
    return found


def signature_by(algorithm: str, secret: str, message: bytes) -> str:
    """The value of the header for a message that was signed by this algorithm."""
    return "v1=" + hmac.new(secret.encode(), message, algorithm).hexdigest()


def signed(secret: str, body: bytes, stamp: object = None) -> dict[str, str]:
    """The headers of a webhook that was signed now, or at another time."""
    moment = str(int(time.time()) if stamp is None else stamp)
    signature = signature_by("sha256", secret, f"{moment}.".encode() + body)
    return {"X-Signature": signature, "X-Timestamp": moment, "Content-Type": "application/json"}


class Company:
    """One company that sends webhooks."""

    def __init__(self, service: "WebhookService", number: int) -> None:
        self.service = service
        self.id: str = service.state["companies"][number]["id"]
        self.secret: str = service.state["secrets"][self.id]

    def event(self, external_id: str | None = None, kind: str = "payment_failed", **fields: object) -> bytes:
        """The body of an event of a person of its own."""
        number = next(self.service.numbers)
        document: dict[str, object] = {"id": external_id or f"evt-{number}", "type": kind}
        document |= {"person": f"person-{number}@people.example", "data": {"amount": 1200, "currency": "EUR"}}
        return json.dumps(document | fields).encode()

    def send(self, body: bytes, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Deliver a webhook, signed now if no headers are given."""
        return self.service.client.post(
            f"/webhooks/{self.id}", content=body, headers=headers or signed(self.secret, body)
        )

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The company's rows of a table."""
        return self.service.query(f"SELECT * FROM {table} WHERE company_id = %s", self.id)


class WebhookService:
    """One running service, started as a user would."""

    def __init__(self, directory: Path, *arguments: object, variables: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        self.process = subprocess.Popen(
            command("--dir", directory, *arguments),
            env=environment() | dict(variables or {}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.state = self._wait_for_state()
        self.control = Control(self.state["control"])
        self.numbers = itertools.count(1)
        self.client = httpx.Client(base_url=self.state["api_url"], timeout=60)
        self.administrator = {"Authorization": f"Bearer {self.state['admin_token']}"}
        self._companies = itertools.count()
        self._open: psycopg.Connection[dict[str, Any]] | None = None

    def company(self) -> Company:
        """A company that no other test uses."""
        return Company(self, next(self._companies))

    def query(self, statement: str, *values: object) -> list[dict[str, Any]]:
        """Rows as the administrator of the server sees them."""
        return self._connection().execute(statement.encode(), values).fetchall()

    def change(self, statement: str, *values: object, **named: object) -> None:
        """Change rows as the administrator of the server may; the values are in order or have names."""
        self._connection().execute(statement.encode(), named or values)

    def disconnect(self) -> None:
        """Close the administrator's connection; the next statement opens one."""
        if self._open is not None:
            self._open.close()
        self._open = None

    def ask(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """Call an endpoint of administrators; fails the test if it refuses."""
        answer = self.client.request(method, path, headers=self.administrator, **options)
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result

    def logged(self, **wanted: object) -> list[dict[str, Any]]:
        """The log lines of workers and schedulers that have these fields."""
        return [line for line in self._lines() if all(line.get(name) == value for name, value in wanted.items())]

    def text_of_logs(self) -> str:
        """All log files."""
        return "".join(path.read_text() for path in (self.directory / "logs").iterdir())

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal to the supervisor and wait; its exit status."""
        self.client.close()
        self.disconnect()
        self.process.send_signal(number)
        _, self.errors = self.process.communicate(timeout=60)
        return self.process.returncode

    def _connection(self) -> psycopg.Connection[dict[str, Any]]:
        if self._open is None:
            self._open = psycopg.connect(self.state["database_url"], row_factory=dict_row, autocommit=True)
        return self._open

    def _lines(self) -> Iterator[dict[str, Any]]:
        for pattern in ("worker-*.log", "scheduler-*.log"):
            for path in sorted((self.directory / "logs").glob(pattern)):
                yield from map(json.loads, path.read_text().splitlines())

    def _wait_for_state(self) -> dict[str, Any]:
        path = self.directory / "service.json"

        def is_up() -> bool:
            assert self.process.poll() is None, f"the service did not start: {self.process.communicate()[1]}"
            return path.exists() and json.loads(path.read_text())["supervisor_pid"] == self.process.pid

        wait_until(is_up, START_SECONDS)
        state: dict[str, Any] = json.loads(path.read_text())
        return state
