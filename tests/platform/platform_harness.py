"""A real platform under test, and candidates who use it."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg

from pytest_examday.local_servers.control import Control
from tests.waiting import wait_until

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
START_SECONDS = 120.0


def environment() -> dict[str, str]:
    """The tests' environment with the package and the variants importable."""
    path = os.pathsep.join([str(ROOT), str(HERE), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path}


def command(*arguments: object) -> list[str]:
    """Command line of the platform."""
    return [sys.executable, "-m", "pytest_examday.platform", *map(str, arguments)]


def processes_of(directory: Path) -> list[str]:
    """Command lines of all processes that mention or sit in ``directory``."""
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


class Candidate:
    """One logged-in account and its HTTP connection."""

    def __init__(self, client: httpx.Client, email: str, tokens: dict[str, Any]) -> None:
        self.client = client
        self.email = email
        self.tokens = tokens
        client.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    def create(self, key: str = "one", question_count: int = 5) -> dict[str, Any]:
        """Start or find the exam of ``key``."""
        answer = self.client.post(
            "/v1/sessions", json={"question_count": question_count}, headers={"Idempotency-Key": key}
        )
        assert answer.status_code in {200, 201}, answer.text
        session: dict[str, Any] = answer.json()
        return session

    def answer(
        self, session: dict[str, Any], index: int = 0, choice: str | None = "A", sequence: int = 1
    ) -> httpx.Response:
        """Answer the question at ``index``."""
        body = {
            "question_id": session["questions"][index]["question_id"],
            "choice": choice,
            "sequence": sequence,
        }
        return self.client.post(f"/v1/sessions/{session['session_id']}/answers", json=body)

    def submit(self, session: dict[str, Any]) -> httpx.Response:
        """Hand in."""
        return self.client.post(f"/v1/sessions/{session['session_id']}/submit")

    def view(self, session: dict[str, Any]) -> httpx.Response:
        """Read the session back."""
        return self.client.get(f"/v1/sessions/{session['session_id']}")


class Platform:
    """One running platform, started as a user would."""

    def __init__(self, directory: Path, *arguments: object) -> None:
        self.directory = directory
        self.process = subprocess.Popen(
            command("--dir", directory, "--candidates", 60, *arguments),
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.state = self._wait_for_state()
        self.control = Control(self.state["control"])
        self._numbers = itertools.count(1)
        self._clients: list[httpx.Client] = []

    def client(self) -> httpx.Client:
        """A connection of its own, closed with the platform."""
        client = httpx.Client(base_url=self.state["api_url"], timeout=60)
        self._clients.append(client)
        return client

    def candidate(self) -> Candidate:
        """An account that no other test uses."""
        accounts = self.state["candidates"]
        return self.login(accounts["email"].format(n=next(self._numbers)), accounts["password"])

    def admin(self) -> Candidate:
        """The administrator."""
        return self.login(self.state["admin"]["email"], self.state["admin"]["password"])

    def login(self, email: str, password: str) -> Candidate:
        """Log in; fails the test when refused."""
        client = self.client()
        answer = client.post("/v1/auth/login", json={"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        return Candidate(client, email, answer.json())

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows as the auditor sees them."""
        with psycopg.connect(self.state["database_url"]) as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def tamper(self, statement: str, *values: object) -> None:
        """Change data as the owner may."""
        with psycopg.connect(self.state["admin_database_url"]) as connection:
            connection.execute(statement.encode(), values)

    def events(self, event: str) -> Iterator[dict[str, Any]]:
        """Logged events of one kind, of all workers."""
        for path in sorted((self.directory / "logs").glob("worker-*.log")):
            for line in path.read_text().splitlines():
                entry = json.loads(line)
                if entry["event"] == event:
                    yield entry

    def logged(self, event: str, request_id: str) -> dict[str, Any]:
        """The one event of a request; it is written just after the answer was sent."""
        found: list[dict[str, Any]] = []

        def look() -> bool:
            found[:] = [item for item in self.events(event) if item["request_id"] == request_id]
            return bool(found)

        wait_until(look)
        assert len(found) == 1
        return found[0]

    def metric(self, name: str, **labels: str) -> float:
        """Sum of all samples of a metric that carry the labels."""
        total = 0.0
        for line in self.client().get("/metrics").text.splitlines():
            series, _, value = line.rpartition(" ")
            found = series.split("{")[0] == name
            if found and all(f'{key}="{wanted}"' in series for key, wanted in labels.items()):
                total += float(value)
        return total

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal to the supervisor and wait; its exit status."""
        for client in self._clients:
            client.close()
        self.process.send_signal(number)
        _, self.errors = self.process.communicate(timeout=60)
        return self.process.returncode

    def _wait_for_state(self) -> dict[str, Any]:
        path = self.directory / "platform.json"
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the platform did not start: {self.process.communicate()[1]}")
            if path.exists():
                state: dict[str, Any] = json.loads(path.read_text())
                if state["supervisor_pid"] == self.process.pid:
                    return state
            time.sleep(0.05)
        self.process.kill()
        raise AssertionError("the platform did not become ready in time")
