"""A runtime that can do nothing and says why: what the others can not do is inherited from it."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import NoReturn

from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.base import (
    Ability,
    Ran,
    Role,
    Usage,
)


def no_job(jobs: Mapping[str, str], key: str, name: str) -> str | None:
    """Why the job cannot be run by what `key` of the configuration says; an empty name stands for any job."""
    if not jobs:
        return f"set {key}.jobs to the shell commands that run the jobs"
    if not name or name in jobs:
        return None
    return f"{key}.jobs does not say how {name!r} is run; it has: {', '.join(jobs)}"


def no_service(role: Role, name: str, lack: str, key: str, services: str) -> str:
    """That the service of a role is not there, what is lacking, and the key that names another one."""
    return f"the {role} is service {name!r}, {lack}; set {key}.{role} to one of: {services}"


class Refusing(ABC):
    """Every method raises Unmeasurable with the reason of `reason`."""

    kind = "refusing"

    @abstractmethod
    def reason(self, ability: Ability, service: str) -> str | None:
        """Why this is impossible for the service, in one line; None where it is possible. Nothing is touched.

        An empty `service` stands for the platform as a whole; of `jobs` it is the job's name.
        """

    def require(self, service: str, *abilities: Ability) -> None:
        """Raise Unmeasurable with the first of the reasons."""
        for ability in abilities:
            reason = self.reason(ability, service)
            if reason is not None:
                raise Unmeasurable(reason)

    def _refuse(self, ability: Ability, service: str = "") -> NoReturn:
        raise Unmeasurable(self.reason(ability, service) or f"{ability} is not possible with the {self.kind} runtime")

    def services(self) -> tuple[str, ...]:
        """None."""
        return ()

    def workers(self) -> tuple[str, ...]:
        """Unknown."""
        self._refuse("stop")

    def service(self, role: Role) -> str:
        """Unknown."""
        self._refuse("stop", role)

    def running(self, service: str) -> bool:
        """Unknown."""
        self._refuse("stop", service)

    def stop(self, service: str) -> None:
        """Impossible."""
        self._refuse("stop", service)

    def kill(self, service: str) -> None:
        """Impossible."""
        self._refuse("kill", service)

    def start(self, service: str) -> None:
        """Impossible."""
        self._refuse("stop", service)

    def restart(self, service: str) -> None:
        """Stop and start, where both are possible."""
        self.stop(service)
        self.start(service)

    def paused(self, service: str) -> bool:
        """Unknown."""
        self._refuse("pause", service)

    def pause(self, service: str) -> None:
        """Impossible."""
        self._refuse("pause", service)

    def unpause(self, service: str) -> None:
        """Impossible."""
        self._refuse("pause", service)

    def delayed(self, service: str) -> bool:
        """Unknown."""
        self._refuse("delay", service)

    def delay(self, service: str, milliseconds: int, jitter_milliseconds: int = 0) -> None:
        """Impossible."""
        self._refuse("delay", service)

    def undelay(self, service: str) -> None:
        """Impossible."""
        self._refuse("delay", service)

    def log_sources(self) -> tuple[str, ...]:
        """None."""
        return ()

    def logs(self, source: str, since: float) -> Iterator[str]:
        """Impossible."""
        self._refuse("logs", source)

    def environment(self, service: str) -> dict[str, str]:
        """Unknown."""
        self._refuse("environment", service)

    def processes(self) -> tuple[str, ...]:
        """Unknown."""
        self._refuse("processes")

    def usage(self, service: str) -> Usage:
        """Unknown."""
        self._refuse("usage", service)

    def clock_skew(self, service: str) -> float:
        """Unknown."""
        self._refuse("clock", service)

    def run_job(self, name: str) -> Ran:
        """Impossible."""
        self._refuse("jobs")
