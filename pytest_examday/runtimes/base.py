"""The small interface between drills and whatever runs the platform."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Ran:
    """A command that was run inside the platform."""

    exit_status: int
    output: str


class Runtime(Protocol):
    """Services by name. Every method raises Unmeasurable with one clear line where it cannot do its work."""

    kind: str

    def services(self) -> tuple[str, ...]:
        """The services that can be stopped and started one by one."""

    def workers(self) -> tuple[str, ...]:
        """The services that answer the API's requests; a drill on one of them leaves the others."""

    def running(self, service: str) -> bool:
        """Whether the service is up now."""

    def stop(self, service: str) -> None:
        """Stop it in the ordinary way; nothing happens where it is stopped."""

    def kill(self, service: str) -> None:
        """Stop it without a chance to finish anything; nothing happens where it is stopped."""

    def start(self, service: str) -> None:
        """Start it and return when it is up; nothing happens where it is running."""

    def environment(self, service: str) -> dict[str, str]:
        """The environment variables of the running service, secrets hidden."""

    def processes(self) -> tuple[str, ...]:
        """The command lines of the processes that belong to the platform."""

    def run_job(self, name: str) -> Ran:
        """Run a background job of the platform once, as its scheduler would."""

    def log_files(self) -> tuple[str, ...]:
        """The files that hold the application's log lines."""
