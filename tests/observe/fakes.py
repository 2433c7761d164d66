"""Logs that are files of the test, and connections whose API answers what the test says."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pytest_examday.config.environment import Environment
from pytest_examday.contract.contract import Contract
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.none import NoServices
from pytest_examday.target.api import Reply
from pytest_examday.target.connections import Connections

STAGING = Environment(name="staging")


def log_files(*files: Path) -> NoServices:
    """A runtime whose logs are these files."""
    return NoServices("staging", tuple(map(str, files)))


class _Api:
    def __init__(self, contract: Contract, answers: dict[str, Reply]) -> None:
        self.contract = contract
        self._answers = answers

    def call(self, operation: Any, timeout: float | None = None) -> Reply:
        """The answer that the test gave for this operation."""
        name = operation if isinstance(operation, str) else operation.path
        return self._answers[name]


class _Connections(SimpleNamespace):
    """As much of the connections as an observer uses."""

    connections: int | None

    @contextmanager
    def database(self) -> Iterator[Any]:
        """A connection that counts connections; Unmeasurable if `connections` is None."""
        if self.connections is None:
            raise Unmeasurable("the database cannot be reached")
        row = {"connections": self.connections, "busy": self.connections}
        yield SimpleNamespace(execute=lambda query: SimpleNamespace(fetchone=lambda: row))


def ready(status: int | None = 200, word: str = "ready") -> Reply:
    """An answer to the readiness probe."""
    return Reply(CONTRACT.ready_or_health, status, {"status": word}, "ed-1", 1.0)


def scraped(text: str, status: int | None = 200) -> Reply:
    """An answer to the metrics probe."""
    assert CONTRACT.metrics is not None
    return Reply(CONTRACT.metrics.operation, status, None, "ed-1", 1.0, text=text)


def make_connections(
    *,
    metrics: Reply | None = None,
    readiness: Reply | None = None,
    contract: Contract = CONTRACT,
    connections: int | None = 7,
) -> Connections:
    """An API that gives these answers, and a database that counts so many connections."""
    api = _Api(contract, {"/metrics": metrics or scraped(""), "/v1/ready": readiness or ready()})
    made: Any = _Connections(api=api, connections=connections)
    return made  # type: ignore[no-any-return] # as much of them as is used
