"""The interface between drills and what runs the platform's services."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

Ability = Literal["stop", "kill", "pause", "delay", "logs", "environment", "processes", "usage", "clock", "jobs"]
"""The abilities of a runtime. The ability to put a fault in includes the ability to take it out."""

Role = Literal["backend", "database", "cache", "proxy"]
"""The role of a service: what it is used for. Drills name roles; the runtime knows which service has the role."""


@dataclass(frozen=True)
class CommandResult:
    """The result of a command that has run inside the platform."""

    exit_status: int
    output: str


@dataclass(frozen=True)
class Usage:
    """What a service uses at the moment: processor cores (1.0 is one whole core) and memory in bytes.
    `memory_limit_bytes` is None if there is no limit. `open_files` counts file descriptors except those of
    established connections; None if the runtime cannot tell."""

    cores: float
    memory_bytes: int
    memory_limit_bytes: int | None
    open_files: int | None = None


class Runtime(Protocol):
    """Stops, starts, delays and reads the services of a platform; a service is named by a text.

    Every method raises Unmeasurable, with one line that says why, if it cannot do its work.

    A service with several replicas stands for all of them; each replica has a name of its own (`backend-2`). `stop`,
    `kill` and `pause` do nothing if the service is already in that state. `start`, `unpause` and `undelay` do
    nothing if the fault is already out.
    """

    kind: str

    def services(self) -> tuple[str, ...]:
        """The services that can be stopped and started one by one."""

    def workers(self) -> tuple[str, ...]:
        """The services that answer API requests one by one, so that a drill can take one of them away."""

    def service(self, role: Role) -> str:
        """The service that has this role."""

    def address(self, service: str) -> str | None:
        """The HTTP address of one worker by itself (`http://host:port`), past every proxy; None if none is known."""

    def require(self, service: str, *abilities: Ability) -> None:
        """Raise Unmeasurable if the service lacks one of the abilities; nothing is touched. For `jobs`, `service` is
        the name of the job."""

    def running(self, service: str) -> bool:
        """Whether all of the service is up; a paused service counts as up."""

    def stop(self, service: str) -> None:
        """Stop the service gracefully."""

    def kill(self, service: str) -> None:
        """Stop the service at once, without a chance to finish its work."""

    def start(self, service: str) -> None:
        """Start the service and wait until it is up."""

    def restart(self, service: str) -> None:
        """Stop the service gracefully, start it, and wait until it is up."""

    def paused(self, service: str) -> bool:
        """Whether any part of the service is paused: alive, but doing nothing."""

    def pause(self, service: str) -> None:
        """Pause the service: its processes stay alive and do nothing."""

    def unpause(self, service: str) -> None:
        """Let the paused service go on."""

    def delayed(self, service: str) -> bool:
        """Whether a rehearsal delays the network of any part of the service."""

    def delay(self, service: str, milliseconds: int, jitter_milliseconds: int = 0) -> None:
        """Delay everything that the service sends by `milliseconds`, more or less the jitter; an earlier delay is
        replaced."""

    def undelay(self, service: str) -> None:
        """Take the network delay out."""

    def log_sources(self) -> tuple[str, ...]:
        """The names of the sources of the application's log lines: files or services."""

    def log_blocks(self, source: str, since: float) -> Iterator[bytes]:
        """A log source in blocks of whole lines; the last one may lack its line end.

        They include all lines written at `since` (seconds since the epoch) or later, and may include older ones.
        """

    def logs(self, source: str, since: float) -> Iterator[str]:
        """The lines of `log_blocks` that are not empty, without line ends."""

    def environment(self, service: str) -> dict[str, str]:
        """The environment variables of the running service; values that may be secret are hidden."""

    def processes(self) -> tuple[str, ...]:
        """The command lines of the processes that belong to the platform."""

    def usage(self, service: str) -> Usage:
        """What the service uses at the moment, all replicas together."""

    def clock_skew(self, service: str) -> float:
        """The seconds by which the service's clock is ahead of this machine's clock."""

    def run_job(self, name: str) -> CommandResult:
        """Run a background job of the platform once, as its scheduler would."""
