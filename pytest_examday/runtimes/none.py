"""No runtime: the rehearsal may talk to the platform and cannot touch its services."""

from collections.abc import Iterator
from pathlib import Path

from pytest_examday.runtimes.base import Ability
from pytest_examday.runtimes.log_lines import lines_of
from pytest_examday.runtimes.refusing import Refusing


class NoServices(Refusing):
    """Every request to touch a service is answered with the reason why that is impossible."""

    kind = "none"

    def __init__(self, environment: str, log_files: tuple[str, ...]) -> None:
        self._environment = environment
        self._log_files = log_files

    def reason(self, ability: Ability, service: str) -> str | None:
        """The same for all but the logs, which may be files."""
        if ability == "logs" and service in self._log_files:
            return None
        return (
            f"environment {self._environment!r} has no runtime, so its services cannot be stopped, started or read; "
            f'give env.{self._environment}.runtime, for instance {{kind = "docker", project = "…"}}'
        )

    def log_sources(self) -> tuple[str, ...]:
        """The files that the configuration names."""
        return self._log_files

    def logs(self, source: str, since: float) -> Iterator[str]:
        """The lines of one of them."""
        self.require(source, "logs")
        return lines_of(Path(source))
