"""The base class of runtimes: it refuses everything with a reason. A runtime overrides what it can do."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import NoReturn

from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.base import (
    Ability,
    CommandResult,
    Role,
    Usage,
)
from pytest_examday.runtimes.log_blocks import lines_in


def no_job(jobs: Mapping[str, str], key: str, name: str) -> str | None:
    """The reason why the job cannot be run; None if `jobs`, the value of the configuration key `key`, has a command
    for it.

    An empty name stands for any job.
    """
    if not jobs:
        return f"set {key}.jobs to the shell commands that run the jobs"
    if not name or name in jobs:
        return None
    return f"{key}.jobs does not say how {name!r} is run; it has: {', '.join(jobs)}"


def no_service(role: Role, name: str, lack: str, key: str, services: str) -> str:
    """The message for a role whose service is missing; it names the key that chooses another service."""
    return f"the {role} is service {name!r}, {lack}; set {key}.{role} to one of: {services}"


class RefusingRuntime(ABC):
    """A runtime whose methods all raise Unmeasurable, with the reason that `reason` gives."""

    kind = "refusing"

    @abstractmethod
    def why_not(self, ability: Ability, service: str) -> str | None:
        """The reason why the service lacks the ability, in one line; None if it has it. Nothing is touched.

        An empty `service` stands for the platform as a whole. For `jobs`, `service` is the name of the job.
        """

    def require(self, service: str, *abilities: Ability) -> None:
        """Raise Unmeasurable with the reason for the first ability that is missing."""
        for ability in abilities:
            reason = self.why_not(ability, service)
            if reason is not None:
                raise Unmeasurable(reason)

    def _refuse(self, ability: Ability, service: str = "") -> NoReturn:
        raise Unmeasurable(self.why_not(ability, service) or f"{ability} is not possible with the {self.kind} runtime")

    def services(self) -> tuple[str, ...]:
        """Return no services."""
        return ()

    def workers(self) -> tuple[str, ...]:
        """Raise Unmeasurable."""
        self._refuse("stop")

    def service(self, role: Role) -> str:
        """Raise Unmeasurable."""
        self._refuse("stop", role)

    def address(self, service: str) -> str | None:
        """Return no address."""
        return None

    def running(self, service: str) -> bool:
        """Raise Unmeasurable."""
        self._refuse("stop", service)

    def stop(self, service: str) -> None:
        """Raise Unmeasurable."""
        self._refuse("stop", service)

    def kill(self, service: str) -> None:
        """Raise Unmeasurable."""
        self._refuse("kill", service)

    def start(self, service: str) -> None:
        """Raise Unmeasurable."""
        self._refuse("stop", service)

    def restart(self, service: str) -> None:
        """Stop and start the service; raises Unmeasurable if one of the two is not possible."""
        self.stop(service)
        self.start(service)

    def paused(self, service: str) -> bool:
        """Raise Unmeasurable."""
        self._refuse("pause", service)

    def pause(self, service: str) -> None:
        """Raise Unmeasurable."""
        self._refuse("pause", service)

    def unpause(self, service: str) -> None:
        """Raise Unmeasurable."""
        self._refuse("pause", service)

    def delayed(self, service: str) -> bool:
        """Raise Unmeasurable."""
        self._refuse("delay", service)

    def delay(self, service: str, milliseconds: int, jitter_milliseconds: int = 0) -> None:
        """Raise Unmeasurable."""
        self._refuse("delay", service)

    def undelay(self, service: str) -> None:
        """Raise Unmeasurable."""
        self._refuse("delay", service)

    def log_sources(self) -> tuple[str, ...]:
        """Return no sources."""
        return ()

    def log_blocks(self, source: str, since: float) -> Iterator[bytes]:
        """Raise Unmeasurable."""
        self._refuse("logs", source)

    def logs(self, source: str, since: float) -> Iterator[str]:
        """The lines of `log_blocks`."""
        return lines_in(self.log_blocks(source, since))

    def environment(self, service: str) -> dict[str, str]:
        """Raise Unmeasurable."""
        self._refuse("environment", service)

    def processes(self) -> tuple[str, ...]:
        """Raise Unmeasurable."""
        self._refuse("processes")

    def usage(self, service: str) -> Usage:
        """Raise Unmeasurable."""
        self._refuse("usage", service)

    def clock_skew(self, service: str) -> float:
        """Raise Unmeasurable."""
        self._refuse("clock", service)

    def run_job(self, name: str) -> CommandResult:
        """Raise Unmeasurable."""
        self._refuse("jobs")
