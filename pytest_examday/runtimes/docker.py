"""The runtime for services in containers of a Docker engine."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_examday.config.named_variables import names_in
from pytest_examday.config.runtimes import DockerSettings
from pytest_examday.errors import Unmeasurable
from pytest_examday.run.redaction import masked, masked_command_line
from pytest_examday.runtimes import docker_engine, netdelay
from pytest_examday.runtimes.base import (
    Ability,
    CommandResult,
    Role,
    Usage,
)
from pytest_examday.runtimes.container import (
    address_of,
    await_up,
    for_each,
    freeze,
    is_up,
    living_of,
    state_of,
    sum_of_usages,
    usage_of,
    variables,
    wait_until,
    watch_for_return,
    with_pause_state,
)
from pytest_examday.runtimes.docker_exec import execute
from pytest_examday.runtimes.log_blocks import blocks_of, whole_lines
from pytest_examday.runtimes.refusing import RefusingRuntime, no_job, no_service

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

_GONE_SECONDS = 10.0


class DockerRuntime(RefusingRuntime):
    """The containers of a Compose project, and those that the configuration names; each replica can be addressed by
    itself."""

    kind = "docker"

    def __init__(
        self,
        config: DockerSettings,
        environment: str,
        log_files: tuple[str, ...] = (),
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """`variables` are those of the rehearsal that the jobs name."""
        self._config = config
        self._variables = dict(variables or {})
        self._key = f"env.{environment}.runtime"
        self._log_files = log_files

    @cached_property
    def _client(self) -> "DockerClient":
        return docker_engine.connect(self._config, self._key)

    def _all(self) -> dict[str, docker_engine.Replicas]:
        """The containers by service, looked up for each act, because a service that was recreated has other
        containers."""
        return docker_engine.find_services(self._client, self._config)

    def _replicas(self, name: str) -> docker_engine.Replicas:
        """The containers that the name of a service, or of one replica, stands for."""
        services = self._all()
        if name in services:
            return services[name]
        for replicas in services.values():
            if name in replicas:
                return {name: replicas[name]}
        raise Unmeasurable(f"unknown service {name!r}; the services are: {_listed(services)}")

    def services(self) -> tuple[str, ...]:
        """The services of the project and of `containers`."""
        return tuple(sorted(self._all()))

    def workers(self) -> tuple[str, ...]:
        """The replicas of the backend."""
        return tuple(self._replicas(self.service("backend")))

    def service(self, role: Role) -> str:
        """The service that the configuration gives this role. Raises Unmeasurable if there is no such service."""
        name: str = getattr(self._config, role)
        services = self._all()
        if name not in services:
            raise Unmeasurable(no_service(role, name, "and there is none", self._key, _listed(services)))
        return name

    def address(self, service: str) -> str | None:
        """The address of one replica on its own network, if it exposes exactly one TCP port."""
        replicas = list(self._replicas(service).values())
        return address_of(replicas[0]) if len(replicas) == 1 else None

    def why_not(self, ability: Ability, service: str) -> str | None:
        """The reason why engine, container or this machine cannot do it; None if they can."""
        if ability == "jobs":
            return no_job(self._config.jobs, self._key, service)
        try:
            replicas = self._replicas(service) if service else {}
            reasons = (self._reason(ability, name, container) for name, container in replicas.items())
            return next(filter(None, reasons), None)
        except Unmeasurable as reason:
            return str(reason)

    def _reason(self, ability: Ability, name: str, container: "Container") -> str | None:
        host = container.attrs["HostConfig"]
        if ability in ("stop", "kill") and host.get("AutoRemove"):
            return f"{name} was started with --rm: once stopped it would be gone and could not be started again"
        if ability == "pause" and self._info("CgroupDriver") == "none":
            return f"{name} cannot be paused: this engine has no control groups"
        if ability == "logs" and host["LogConfig"]["Type"] == "none":
            return f"{name} keeps no log: its logging driver is none"
        if ability == "delay":
            return netdelay.why_not(container)
        return None

    def _info(self, name: str) -> Any:
        with docker_engine.one_line_errors("the Docker engine"):
            return self._client.info().get(name)

    def running(self, service: str) -> bool:
        """Whether every replica runs, and is healthy if it has a health check."""
        return all(is_up(state_of(container)) for container in self._replicas(service).values())

    def stop(self, service: str) -> None:
        """Send SIGTERM (or the container's stop signal), and SIGKILL after the container's grace time."""
        self._end(service, "stop", lambda container: container.stop())

    def kill(self, service: str) -> None:
        """Send SIGKILL."""
        self._end(service, "kill", lambda container: container.kill())

    def _end(self, service: str, ability: Ability, end: "Callable[[Container], None]") -> None:
        self.require(service, ability)
        living = living_of(self._replicas(service))
        for_each(living, end)
        if not wait_until(lambda: not living_of(living), _GONE_SECONDS):
            still_running = ", ".join(living_of(living))
            raise Unmeasurable(
                f"{ability} did not end the containers {still_running}: they still run after {_GONE_SECONDS:.0f} s"
            )
        watch_for_return(living, ability)

    def start(self, service: str) -> None:
        """Start all replicas and wait until each is up, and healthy if it has a health check."""
        replicas = self._replicas(service)
        living = living_of(replicas)
        ended = {name: container for name, container in replicas.items() if name not in living}
        for_each(ended, lambda container: container.start())
        deadline = time.monotonic() + self._config.timeout_seconds
        for name, container in replicas.items():
            await_up(name, container, deadline, steady=name in ended)

    def paused(self, service: str) -> bool:
        """Whether any replica is paused."""
        return any(state_of(container)["Paused"] for container in self._replicas(service).values())

    def pause(self, service: str) -> None:
        """Freeze all processes of every replica."""
        self.require(service, "pause")
        replicas = self._replicas(service)
        for_each(with_pause_state(replicas, paused=False), freeze)

    def unpause(self, service: str) -> None:
        """Unfreeze the paused replicas."""
        for_each(with_pause_state(self._replicas(service), paused=True), lambda container: container.unpause())

    def delayed(self, service: str) -> bool:
        """Whether any replica is delayed."""
        return any(netdelay.delayed(container) for container in self._replicas(service).values())

    def delay(self, service: str, milliseconds: int, jitter_milliseconds: int = 0) -> None:
        """Delay the network namespace of every replica."""
        self.require(service, "delay")
        for container in self._replicas(service).values():
            netdelay.delay(container, milliseconds, jitter_milliseconds)

    def undelay(self, service: str) -> None:
        """Take the delay out of every replica that runs; a replica that is started again has a new network without a
        delay."""
        for container in self._replicas(service).values():
            netdelay.undelay(container)

    def log_sources(self) -> tuple[str, ...]:
        """The log files that the configuration names; otherwise the containers of the backend."""
        return self._log_files or self.workers()

    def log_blocks(self, source: str, since: float) -> Iterator[bytes]:
        """The blocks of a log file, or of the engine's log of a container."""
        if source in self._log_files:
            yield from blocks_of(Path(source))
            return
        self.require(source, "logs")
        for container in self._replicas(source).values():
            with docker_engine.one_line_errors(f"the log of {source}"):
                yield from whole_lines(container.logs(stream=True, follow=False, since=since if since > 0 else None))

    def environment(self, service: str) -> dict[str, str]:
        """The variables of the first replica's main process; if that cannot be read, those that the container was
        configured with."""
        container = next(iter(self._replicas(service).values()))
        ran = execute(container, ["cat", "/proc/1/environ"])
        if ran.exit_status == 0:
            return masked(variables(ran.output.split("\0")))
        return masked(variables(container.attrs["Config"]["Env"] or []))

    def processes(self) -> tuple[str, ...]:
        """The command lines of the processes in all running containers."""
        command_lines: list[str] = []
        for replicas in self._all().values():
            for name, container in living_of(replicas).items():
                with docker_engine.one_line_errors(f"the processes of {name}"):
                    table = container.top()
                column = table["Titles"].index("CMD")
                command_lines += [masked_command_line(row[column]) for row in table["Processes"] or []]
        return tuple(command_lines)

    def usage(self, service: str) -> Usage:
        """What the service uses, measured by the engine over a second."""
        replicas = self._replicas(service)
        with (
            docker_engine.one_line_errors(f"the use of resources of {service}"),
            ThreadPoolExecutor(len(replicas)) as pool,
        ):
            readings = list(pool.map(lambda item: item.stats(stream=False), replicas.values()))
        return sum_of_usages([usage_of(service, reading) for reading in readings])

    def clock_skew(self, service: str) -> float:
        """The skew by `date` in the first replica, compared with the middle of the call; accurate to a second if `date`
        gives no fractions."""
        container = next(iter(self._replicas(service).values()))
        before = time.time()
        ran = execute(container, ["date", "-u", "+%s.%N"])
        middle = (before + time.time()) / 2
        try:
            return float(ran.output.rstrip(".%N")) - middle
        except ValueError:
            raise Unmeasurable(f"the clock of {service} cannot be read: it has no usable `date`") from None

    def run_job(self, name: str) -> CommandResult:
        """Run the configured command with `sh` inside the first running container of the backend."""
        self.require(name, "jobs")
        for container in living_of(self._replicas(self.service("backend"))).values():
            command = self._config.jobs[name]
            named = {name: self._variables[name] for name in names_in(command) if name in self._variables}
            seconds = self._config.timeout_seconds
            return execute(container, ["sh", "-c", command], variables=named, seconds=seconds)
        raise Unmeasurable(f"no container of {self._config.backend!r} runs, so job {name!r} cannot be run in it")


def _listed(services: dict[str, docker_engine.Replicas]) -> str:
    return ", ".join(
        name if len(replicas) == 1 else f"{name} ({', '.join(replicas)})" for name, replicas in sorted(services.items())
    )
