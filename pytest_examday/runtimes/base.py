"""The small interface between drills and whatever runs the platform."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

Ability = Literal["stop", "kill", "pause", "delay", "logs", "environment", "processes", "usage", "clock", "jobs"]
"""What may be asked of a runtime; the undoing of a fault is part of the ability to make it."""

Role = Literal["backend", "database", "cache", "proxy"]
"""What a service is there for; a drill names the role, the runtime knows the service."""


@dataclass(frozen=True)
class Ran:
    """A command that was run inside the platform."""

    exit_status: int
    output: str


@dataclass(frozen=True)
class Usage:
    """What a service uses now: processors (1.0 is one whole core) and memory in bytes; no limit is None."""

    cores: float
    memory_bytes: int
    memory_limit_bytes: int | None


class Runtime(Protocol):
    """Services by name. Every method raises Unmeasurable with one clear line where it cannot do its work.

    A service of several replicas stands for all of them; each replica has a name of its own (`backend-2`). What
    makes a fault (`stop`, `kill`, `pause`, `delay`) does nothing where the fault is in, what undoes it (`start`,
    `unpause`, `undelay`) does nothing where it is out.
    """

    kind: str

    def services(self) -> tuple[str, ...]:
        """The services that can be stopped and started one by one."""

    def workers(self) -> tuple[str, ...]:
        """The services that answer the API's requests; a drill on one of them leaves the others."""

    def service(self, role: Role) -> str:
        """The service that plays this role."""

    def require(self, service: str, *abilities: Ability) -> None:
        """Raise Unmeasurable where one of these is impossible for this service; nothing is touched. Of `jobs` the
        service is the job's name."""

    def running(self, service: str) -> bool:
        """Whether the service is up now, all of it; a paused one is up."""

    def stop(self, service: str) -> None:
        """Stop it in the ordinary way."""

    def kill(self, service: str) -> None:
        """Stop it without a chance to finish anything."""

    def start(self, service: str) -> None:
        """Start it and return when it is up."""

    def restart(self, service: str) -> None:
        """Stop it in the ordinary way, start it and return when it is up."""

    def paused(self, service: str) -> bool:
        """Whether any of it stands still: alive, and doing nothing."""

    def pause(self, service: str) -> None:
        """Let it stand still."""

    def unpause(self, service: str) -> None:
        """Let it go on."""

    def delayed(self, service: str) -> bool:
        """Whether the network of any of it is delayed by a rehearsal."""

    def delay(self, service: str, milliseconds: int, jitter_milliseconds: int = 0) -> None:
        """Delay everything that it sends by so much, more or less the jitter; a delay that is in is replaced."""

    def undelay(self, service: str) -> None:
        """Take the delay out."""

    def log_sources(self) -> tuple[str, ...]:
        """What holds the application's log lines, by name: files, or services."""

    def logs(self, source: str, since: float) -> Iterator[str]:
        """The lines of a log source without their line ends.

        All that were written at `since` (seconds since the epoch) or later, and maybe older ones.
        """

    def environment(self, service: str) -> dict[str, str]:
        """The environment variables of the running service, secrets hidden."""

    def processes(self) -> tuple[str, ...]:
        """The command lines of the processes that belong to the platform."""

    def usage(self, service: str) -> Usage:
        """What the service uses now, all replicas together."""

    def clock_skew(self, service: str) -> float:
        """Seconds by which the service's clock is ahead of ours."""

    def run_job(self, name: str) -> Ran:
        """Run a background job of the platform once, as its scheduler would."""
