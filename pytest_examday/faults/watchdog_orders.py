"""The orders of a watchdog, which it reads from standard input: the fault, and the environment with its secrets."""

from typing import Any, Self

from pydantic import BaseModel, HttpUrl, SecretStr

from pytest_examday.config.environment import Environment
from pytest_examday.faults.journal import IntendedFault
from pytest_examday.record import Record


class Orders(Record):
    """Everything that a watchdog needs; never written to a file, because it holds secrets in the clear.

    `directory` is the run directory. `other_fault_remains`: an earlier fault of this run remains, so that the platform
    is not expected to be well before this one."""

    environment: dict[str, Any]
    directory: str
    fault: IntendedFault
    lease_seconds: float
    other_fault_remains: bool = False

    @classmethod
    def of(cls, environment: Environment, directory: str, fault: IntendedFault, lease_seconds: float) -> Self:
        """Orders for a fault in an environment that another process can reach."""
        return cls(environment=in_the_clear(environment), directory=directory, fault=fault, lease_seconds=lease_seconds)

    def attach(self) -> Environment:
        """The environment of these orders."""
        return Environment.model_validate(self.environment)


def in_the_clear(record: BaseModel) -> dict[str, Any]:
    """The record as plain JSON values, with its secrets."""
    return {name: _plain(value) for name, value in record if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, BaseModel):
        return in_the_clear(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value if isinstance(value, str | int | float | None) and not isinstance(value, HttpUrl) else str(value)
