"""The runtime of a user's own test reads always, and touches services only if the environment allows it."""

from collections.abc import Callable

import pytest

from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.base import CommandResult
from pytest_examday.safety.restricted_runtime import restricted


class _Runtime:
    kind = "fake"

    def __init__(self) -> None:
        self.done: list[str] = []

    def services(self) -> tuple[str, ...]:
        return ("redis",)

    def stop(self, service: str) -> None:
        self.done.append(f"stop {service}")

    def freeze_the_universe(self) -> None:
        self.done.append("freeze")

    def run_job(self, name: str) -> CommandResult:
        self.done.append(name)
        return CommandResult(0, "")


def _refuse(*forbidden: str) -> Callable[[str, str], str | None]:
    return lambda permission, what: f"{what} is forbidden" if permission in forbidden else None


def test_reading_is_always_let_through() -> None:
    runtime = restricted(_Runtime(), _refuse("write", "disrupt"))  # type: ignore[arg-type] # a part of a runtime
    assert (runtime.kind, runtime.services()) == ("fake", ("redis",))


def test_disrupting_is_refused_where_it_is_not_allowed() -> None:
    inner = _Runtime()
    runtime = restricted(inner, _refuse("disrupt"))  # type: ignore[arg-type] # a part of a runtime
    with pytest.raises(Unmeasurable, match=r"runtime\.stop is forbidden"):
        runtime.stop("redis")
    runtime.run_job("export")
    assert inner.done == ["export"]


def test_a_job_is_a_write() -> None:
    with pytest.raises(Unmeasurable, match=r"runtime\.run_job is forbidden"):
        restricted(_Runtime(), _refuse("write")).run_job("export")  # type: ignore[arg-type] # a part of a runtime


def test_what_nobody_knows_disrupts() -> None:
    runtime = restricted(_Runtime(), _refuse("disrupt"))  # type: ignore[arg-type] # a part of a runtime
    with pytest.raises(Unmeasurable, match=r"runtime\.freeze_the_universe is forbidden"):
        runtime.freeze_the_universe()  # type: ignore[attr-defined] # a method of a runtime to come


def test_everything_is_let_through_where_it_is_allowed() -> None:
    inner = _Runtime()
    restricted(inner, _refuse()).stop("redis")  # type: ignore[arg-type] # a part of a runtime
    assert inner.done == ["stop redis"]
