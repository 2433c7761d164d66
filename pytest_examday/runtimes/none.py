"""No runtime: the rehearsal may talk to the platform and cannot touch its services."""

from typing import NoReturn

from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.base import Ran


class NoServices:
    """Every request to touch a service is answered with the reason why that is impossible."""

    kind = "none"

    def __init__(self, environment: str, log_files: tuple[str, ...]) -> None:
        self._environment = environment
        self._log_files = log_files

    def _impossible(self) -> NoReturn:
        raise Unmeasurable(
            f"environment {self._environment!r} has no runtime, so its services cannot be stopped, started or read; "
            f'give env.{self._environment}.runtime, for instance {{kind = "platform", state = "…/platform.json"}}'
        )

    def services(self) -> tuple[str, ...]:
        """None."""
        return ()

    def workers(self) -> tuple[str, ...]:
        """Unknown."""
        self._impossible()

    def running(self, service: str) -> bool:
        """Unknown."""
        self._impossible()

    def stop(self, service: str) -> None:
        """Impossible."""
        self._impossible()

    def kill(self, service: str) -> None:
        """Impossible."""
        self._impossible()

    def start(self, service: str) -> None:
        """Impossible."""
        self._impossible()

    def environment(self, service: str) -> dict[str, str]:
        """Unknown."""
        self._impossible()

    def processes(self) -> tuple[str, ...]:
        """Unknown."""
        self._impossible()

    def run_job(self, name: str) -> Ran:
        """Impossible."""
        self._impossible()

    def log_files(self) -> tuple[str, ...]:
        """The files that the configuration names."""
        return self._log_files
