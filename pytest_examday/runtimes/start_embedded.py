"""Starts the embedded exam platform that a run needs, and stops everything that a run started for itself."""

from dataclasses import dataclass
from pathlib import Path

from pytest_examday.errors import UsageProblem
from pytest_examday.runtimes.embedded_server import EmbeddedServer, StartedServer, start_server, stop_server

PLATFORM = EmbeddedServer("pytest_examday.platform", "platform.json", "the embedded platform", ".platform")
WEBHOOK_SERVICE = EmbeddedServer(
    "pytest_examday.webhook_service", "service.json", "the embedded webhook service", ".webhook_service"
)
_SERVERS = (PLATFORM, WEBHOOK_SERVICE)


@dataclass(frozen=True)
class EmbeddedOptions:
    """The embedded platform that a rehearsal needs.

    `links` puts TCP links in front of PostgreSQL and Redis, `proxy` puts one in front of the workers; drills delay
    them.
    """

    workers: int
    candidates: int
    links: bool
    proxy: bool

    @property
    def options(self) -> tuple[str, ...]:
        """The options of its command line."""
        counts = ("--workers", str(self.workers), "--candidates", str(self.candidates))
        switches = {"--links": self.links, "--proxy": self.proxy}
        return (*counts, *(option for option, is_needed in switches.items() if is_needed))


def refuse_missing_packages() -> None:
    """Raise UsageProblem if the embedded platform could not start because packages are not installed."""
    from pytest_examday.platform.cli import check_packages
    from pytest_examday.platform.platform_error import PlatformError

    try:
        check_packages()
    except PlatformError as problem:
        raise UsageProblem(f"the embedded platform cannot start: {problem}") from None


def start_embedded(directory: Path, needed: EmbeddedOptions, watch_pid: int, log: Path) -> StartedServer:
    """Start the embedded platform, once for all processes of the run in this directory. It ends when the process
    `watch_pid` is gone. Raises Unmeasurable if it does not come up."""
    return start_server(PLATFORM, directory / PLATFORM.note, needed.options, watch_pid, log)


def stop_embedded(directory: Path, logs: Path) -> None:
    """Stop what the run in this directory started for itself, and copy its logs to `logs`."""
    for server in _SERVERS:
        stop_server(directory / server.note, logs)
