"""A target whose logs are files of the test and whose API answers what the test says."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pytest_examday.contract.operations import Contract
from pytest_examday.contract.reference import CONTRACT, LOG_FORMAT
from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.none import NoServices
from pytest_examday.target.api import Reply
from pytest_examday.target.target import Target


class _Api:
    def __init__(self, answers: dict[str, Reply]) -> None:
        self._answers = answers

    def call(self, operation: Any, timeout: float | None = None) -> Reply:
        """The answer that the test gave for this operation."""
        name = operation if isinstance(operation, str) else operation.path
        return self._answers[name]


class FakeTarget(SimpleNamespace):
    """As much of a target as an observer uses."""

    connections: int | None

    @contextmanager
    def database(self) -> Iterator[Any]:
        """A connection that counts connections; Unmeasurable where `connections` is None."""
        if self.connections is None:
            raise Unmeasurable("the database cannot be reached")
        row = {"connections": self.connections}
        yield SimpleNamespace(execute=lambda query: SimpleNamespace(fetchone=lambda: row))


def ready(status: int | None = 200, word: str = "ready") -> Reply:
    """An answer to the readiness probe."""
    return Reply(CONTRACT.ready, status, {"status": word}, "ed-1", 1.0)


def scraped(text: str, status: int | None = 200) -> Reply:
    """An answer to the metrics probe."""
    assert CONTRACT.metrics is not None
    return Reply(CONTRACT.metrics.operation, status, None, "ed-1", 1.0, text=text)


def make_target(
    *files: Path,
    metrics: Reply | None = None,
    readiness: Reply | None = None,
    contract: Contract = CONTRACT,
    connections: int | None = 7,
) -> Target:
    """The target."""
    target: Any = FakeTarget(
        runtime=NoServices("staging", tuple(map(str, files))),
        environment=SimpleNamespace(name="staging"),
        log_format=LOG_FORMAT,
        contract=contract,
        connections=connections,
        api=_Api({"/metrics": metrics or scraped(""), "ready": readiness or ready()}),
    )
    return target  # type: ignore[no-any-return] # as much of it as is used
