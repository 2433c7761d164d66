"""The runtime of the embedded platform: its services are stopped and read through its control socket."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_examday.errors import Unmeasurable
from pytest_examday.run.redaction import masked, masked_command_line
from pytest_examday.runtimes.base import (
    Ability,
    CommandResult,
    Role,
    Usage,
)
from pytest_examday.runtimes.embedded_state import read_state
from pytest_examday.runtimes.log_blocks import blocks_of
from pytest_examday.runtimes.refusing import RefusingRuntime

if TYPE_CHECKING:
    import psutil

EMBEDDED = "embedded"
"""The kind of this runtime, also in the evidence of what was reached."""
_USAGE_SECONDS = 0.5
_STOP_SECONDS = 10.0
"""How long a process may take to stop after SIGSTOP."""
_POLL_SECONDS = 0.01
_STANDING_STILL = ("stopped", "gone", "zombie")
_SERVICES: dict[Role, str] = {"backend": "backend", "database": "postgres", "cache": "redis", "proxy": "proxy"}
"""The embedded platform's services by role."""
_T = TypeVar("_T")


class EmbeddedRuntime(RefusingRuntime):
    """Stops and starts the services of the embedded platform through its control socket."""

    kind = EMBEDDED

    def __init__(self, state: Path) -> None:
        self._state = state
        self._status_path = read_state(state).control

    def services(self) -> tuple[str, ...]:
        """All services by name."""
        return tuple(self._status()["services"])

    def workers(self) -> tuple[str, ...]:
        """The API's worker processes."""
        return tuple(self._status()["workers"])

    def service(self, role: Role) -> str:
        """The service that has this role. Raises Unmeasurable for the proxy of a platform that has none."""
        service = _SERVICES[role]
        if role == "proxy" and service not in self.services():
            raise Unmeasurable("the embedded platform has no proxy; start it with --proxy")
        return service

    def why_not(self, ability: Ability, service: str) -> str | None:
        """The reason why the service lacks the ability: no such service or job, or no link that could delay it."""
        if ability == "jobs":
            return _no_job(service)
        try:
            if service:
                self._pids(service)
        except Unmeasurable as reason:
            return str(reason)
        if ability == "delay" and service:
            return self._no_link(service)
        return None

    def _no_link(self, service: str) -> str | None:
        if service in read_state(self._state).links:
            return None
        if service in (_SERVICES["database"], _SERVICES["cache"]):
            return f"there is no link in front of {service} to be delayed; start the embedded platform with --links"
        return f"{service} of the embedded platform shares this machine's network, which must not be delayed"

    def running(self, service: str) -> bool:
        """Whether the service has a live process; for the backend, whether every worker has one."""
        return None not in self._pids(service).values()

    def stop(self, service: str) -> None:
        """Stop the service gracefully."""
        self._do(lambda control: control.stop(service))

    def kill(self, service: str) -> None:
        """Send SIGKILL."""
        self._do(lambda control: control.kill(service))

    def start(self, service: str) -> None:
        """Start the service and wait until it is up."""
        self._do(lambda control: control.start(service))

    def restart(self, service: str) -> None:
        """Stop the service gracefully, start it, and wait until it is up."""
        self._do(lambda control: control.restart(service))

    def paused(self, service: str) -> bool:
        """Whether any of its processes is stopped by a signal."""
        return any(_status_of(process) == "stopped" for process in self._processes(service))

    def pause(self, service: str) -> None:
        """Send SIGSTOP to all processes of the service, and wait until they stand still."""
        processes = self._processes(service)
        if not processes:
            raise Unmeasurable(f"{service} cannot be paused: it is not running")
        _signal(processes, signal.SIGSTOP)
        # A process takes a signal when it has a processor, which can be late on a busy machine.
        deadline = time.monotonic() + _STOP_SECONDS
        while any(_status_of(process) not in _STANDING_STILL for process in processes):
            if time.monotonic() > deadline:
                _signal(processes, signal.SIGCONT)
                raise Unmeasurable(f"{service} cannot be paused: it still ran {_STOP_SECONDS:g} s after SIGSTOP")
            time.sleep(_POLL_SECONDS)

    def unpause(self, service: str) -> None:
        """Send SIGCONT to all processes of the service."""
        _signal(self._processes(service), signal.SIGCONT)

    def delayed(self, service: str) -> bool:
        """Whether the link in front of the service has a delay."""
        return any(self._link(service).values())

    def delay(self, service: str, milliseconds: int, jitter_milliseconds: int = 0) -> None:
        """Set the delay of the link in front of the service; open connections are delayed too."""
        self.require(service, "delay")
        self._link(service, delay_ms=milliseconds, jitter_ms=jitter_milliseconds)

    def undelay(self, service: str) -> None:
        """Set the delay of the link to 0."""
        if self.delayed(service):
            self._link(service, delay_ms=0, jitter_ms=0)

    def _link(self, service: str, **delay: int) -> dict[str, int]:
        from pytest_examday.local_servers.link_service import ask_link

        self.require(service, "delay")
        try:
            return ask_link(read_state(self._state).links[service], **delay)
        except OSError as problem:
            raise Unmeasurable(f"the link in front of {service} does not answer: {problem}") from None

    def environment(self, service: str) -> dict[str, str]:
        """The environment variables of the service's process."""
        return masked(self._do(lambda control: dict(control.environment(service))))

    def processes(self) -> tuple[str, ...]:
        """The command lines of all processes below the platform's supervisor."""
        import psutil

        try:
            children = psutil.Process(read_state(self._state).supervisor_pid).children(recursive=True)
        except psutil.NoSuchProcess:
            raise Unmeasurable("the platform's supervisor is gone") from None
        return tuple(masked_command_line(line) for child in children if (line := _command_line(child)))

    def usage(self, service: str) -> Usage:
        """Processor time over half a second, resident memory and open files of all processes of the service."""
        import psutil

        processes = self._processes(service)
        if not processes:
            raise Unmeasurable(f"{service} uses nothing: it is not running")
        before, since = _processor_seconds(processes), time.monotonic()
        time.sleep(_USAGE_SECONDS)
        used = sum(after - before.get(pid, 0.0) for pid, after in _processor_seconds(processes).items())
        memory = sum(process.memory_info().rss for process in processes if psutil.pid_exists(process.pid))
        return Usage(used / (time.monotonic() - since), memory, None, _open_files(processes))

    def clock_skew(self, service: str) -> float:
        """Always 0: the service reads this machine's clock."""
        self.require(service, "clock")
        return 0.0

    def run_job(self, name: str) -> CommandResult:
        """Run the job as the platform's scheduler would."""
        ended = self._do(lambda control: control.run_job(name))
        return CommandResult(int(ended["exit_status"]), str(ended["output"]))

    def log_sources(self) -> tuple[str, ...]:
        """The workers' log files."""
        return read_state(self._state).log_files

    def log_blocks(self, source: str, since: float) -> Iterator[bytes]:
        """The blocks of a log file."""
        return blocks_of(Path(source))

    def _pids(self, service: str) -> dict[str, int | None]:
        """The process ids of the services that `service` stands for. Raises Unmeasurable, naming the valid services,
        for an unknown one."""
        status = self._status()
        pids: dict[str, int | None] = {**status["services"], **status["workers"]}
        if service == _SERVICES["backend"]:
            return dict(status["workers"])
        if service not in pids:
            valid = ", ".join((*pids, _SERVICES["backend"]))
            raise Unmeasurable(f"unknown service {service!r}; the services are: {valid}")
        return {service: pids[service]}

    def _processes(self, service: str) -> "list[psutil.Process]":
        import psutil

        processes: list[psutil.Process] = []
        for pid in filter(None, self._pids(service).values()):
            try:
                process = psutil.Process(pid)
                processes += [process, *process.children(recursive=True)]
            except psutil.NoSuchProcess:
                continue  # it ended in between
        return processes

    def _status(self) -> dict[str, Any]:
        return self._do(lambda control: dict(control.status()))

    def _do(self, act: Callable[[Any], _T]) -> _T:
        from pytest_examday.local_servers.control import Control, ControlError

        try:
            return act(Control(self._status_path))
        except (ControlError, OSError) as problem:
            raise Unmeasurable(f"the platform's control did not do it: {problem}") from None


def _no_job(name: str) -> str | None:
    from pytest_examday.platform.jobs import JOBS

    if not name or name in JOBS:
        return None
    return f"the embedded platform has no job {name!r}; it has: {', '.join(sorted(JOBS))}"


def _signal(processes: "list[psutil.Process]", number: signal.Signals) -> None:
    import psutil

    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue  # nothing to stop and nothing to wake


def _status_of(process: "psutil.Process") -> str:
    import psutil

    try:
        return process.status()
    except psutil.NoSuchProcess:
        return "gone"


def _open_files(processes: list["psutil.Process"]) -> int | None:
    """The file descriptors of the processes, except those of established connections; None if they cannot be read."""
    import psutil

    try:
        return sum(
            process.num_fds()
            - sum(one.status == psutil.CONN_ESTABLISHED for one in process.net_connections(kind="inet"))
            for process in processes
        )
    except (psutil.Error, AttributeError):  # one has ended, or this system does not count them
        return None


def _processor_seconds(processes: "list[psutil.Process]") -> dict[int, float]:
    import psutil

    seconds = {}
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        seconds[process.pid] = times.user + times.system
    return seconds


def _command_line(process: Any) -> str:
    import psutil

    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""  # it ended between listing and reading
