"""The runtime of an environment that configures none: its services cannot be touched."""

from collections.abc import Iterator
from pathlib import Path

from pytest_examday.runtimes.base import Ability
from pytest_examday.runtimes.log_blocks import blocks_of
from pytest_examday.runtimes.refusing import RefusingRuntime


class NoServices(RefusingRuntime):
    """A runtime that refuses every request; it can only read log files that the configuration names."""

    kind = "none"

    def __init__(self, environment: str, log_files: tuple[str, ...]) -> None:
        self._environment = environment
        self._log_files = log_files

    def why_not(self, ability: Ability, service: str) -> str | None:
        """The reason why services cannot be touched; None for logs if the configuration names log files."""
        if ability == "logs" and service in self._log_files:
            return None
        return (
            f"environment {self._environment!r} has no runtime, so its services cannot be stopped, started or read; "
            f'give env.{self._environment}.runtime, for instance {{kind = "docker", project = "…"}}'
        )

    def log_sources(self) -> tuple[str, ...]:
        """The log files that the configuration names."""
        return self._log_files

    def log_blocks(self, source: str, since: float) -> Iterator[bytes]:
        """The blocks of a log file."""
        self.require(source, "logs")
        return blocks_of(Path(source))
