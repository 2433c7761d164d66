"""The runtime for services that are reached by the user's shell commands, for instance systemd or Kubernetes."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NoReturn

from pytest_examday.config.runtimes import CommandSettings
from pytest_examday.errors import Unmeasurable
from pytest_examday.run.redaction import masked, masked_command_line
from pytest_examday.runtimes.base import Ability, CommandResult, Role
from pytest_examday.runtimes.log_blocks import blocks_in, blocks_of
from pytest_examday.runtimes.refusing import RefusingRuntime, no_job, no_service
from pytest_examday.runtimes.shell import printing, run
from pytest_examday.runtimes.since_variables import since_variables

_POLL_SECONDS = 0.2
_SERVICE = "EXAMDAY_SERVICE"
"""The variable in which a command finds the name of its service."""
_NEEDED: dict[Ability, str] = {
    "stop": "stop",
    "kill": "kill",
    "pause": "pause",
    "delay": "delay",
    "logs": "logs",
    "environment": "environment",
    "processes": "processes",
}
"""The command that each ability requires. `usage` and `clock` are not possible by commands."""
_ONLY_PRINT = ("environment", "processes")
"""Commands whose background processes are ended with them. Those of others, such as `start`, may be the service."""


class CommandRuntime(RefusingRuntime):
    """Each act runs one command of `services.NAME`. An exit status other than 0 is a failure and is reported with the
    last line of its output."""

    kind = "command"

    def __init__(
        self,
        config: CommandSettings,
        environment: str,
        log_files: tuple[str, ...] = (),
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """`variables` are those of the rehearsal that the commands name."""
        self._config = config
        self._variables = dict(variables or {})
        self._key = f"env.{environment}.runtime"
        self._log_files = log_files

    def services(self) -> tuple[str, ...]:
        """The services that the configuration has commands for."""
        return tuple(self._config.services)

    def workers(self) -> tuple[str, ...]:
        """The configured workers; the backend if none are configured."""
        return self._config.workers or (self.service("backend"),)

    def service(self, role: Role) -> str:
        """The service that the configuration gives this role. Raises Unmeasurable if it has no commands."""
        name: str = getattr(self._config, role)
        if name not in self._config.services:
            listed = ", ".join(self._config.services)
            raise Unmeasurable(no_service(role, name, "for which there are no commands", self._key, listed))
        return name

    def address(self, service: str) -> str | None:
        """The configured address of the service."""
        configured = self._config.services.get(service)
        return None if configured is None or configured.address is None else str(configured.address)

    def why_not(self, ability: Ability, service: str) -> str | None:
        """The reason why the ability is missing: no such service, job or command."""
        if ability == "jobs":
            return no_job(self._config.jobs, self._key, service)
        if service and service not in self._config.services:
            return self._unknown(service)
        needed = _NEEDED.get(ability)
        if needed is None:
            return f"{self._key}: the command runtime does not measure {ability}; the docker runtime does"
        if service and getattr(self._config.services[service], needed) is None:
            return f"{self._key}.services.{service} has no command {needed!r}"
        return None

    def _unknown(self, service: str) -> str:
        return f"unknown service {service!r}; the services are: {', '.join(self._config.services)}"

    def running(self, service: str) -> bool:
        """Whether the command `status` ends with 0."""
        return self._truth(service, "status")

    def stop(self, service: str) -> None:
        """Run `stop` and wait until the service is down; do nothing if `status` says that it is down."""
        self.require(service, "stop")
        self._down(service, "stop")

    def kill(self, service: str) -> None:
        """Run `kill` and wait until the service is down; do nothing if `status` says that it is down."""
        self.require(service, "kill")
        self._down(service, "kill")

    def _down(self, service: str, act: str) -> None:
        if self.running(service):
            self._act(service, act)
            self._await(service, up=False, act=act)

    def start(self, service: str) -> None:
        """Run `start` and wait until `status` says that the service is up."""
        if not self.running(service):
            self._act(service, "start")
            self._await(service, up=True, act="start")

    def restart(self, service: str) -> None:
        """Run `restart`, or `stop` and `start` if there is no such command; wait until the service is up."""
        if self._command(service, "restart") is None:
            super().restart(service)
            return
        self._act(service, "restart")
        self._await(service, up=True, act="restart")

    def _await(self, service: str, *, up: bool, act: str) -> None:
        deadline = time.monotonic() + self._config.timeout_seconds
        while self.running(service) is not up:
            if time.monotonic() > deadline:
                state = "did not come back" if up else "is still up"
                raise Unmeasurable(
                    f"{service} {state}: {self._config.timeout_seconds:.0f} s after its {act}, "
                    f"{self._key}.services.{service}.status says so"
                )
            time.sleep(_POLL_SECONDS)

    def paused(self, service: str) -> bool:
        """Whether the command `paused` ends with 0."""
        return self._truth(service, "paused")

    def pause(self, service: str) -> None:
        """Run `pause`, unless the service is paused."""
        self.require(service, "pause")
        if not self.paused(service):
            self._act(service, "pause")

    def unpause(self, service: str) -> None:
        """Run `unpause`, if the service is paused."""
        if self.paused(service):
            self._act(service, "unpause")

    def delayed(self, service: str) -> bool:
        """Whether the command `delayed` ends with 0."""
        return self._truth(service, "delayed")

    def delay(self, service: str, milliseconds: int, jitter_milliseconds: int = 0) -> None:
        """Run `delay` with the figures in the variables EXAMDAY_DELAY_MS and EXAMDAY_JITTER_MS."""
        self.require(service, "delay")
        self.undelay(service)
        self._act(service, "delay", EXAMDAY_DELAY_MS=str(milliseconds), EXAMDAY_JITTER_MS=str(jitter_milliseconds))

    def undelay(self, service: str) -> None:
        """Run `undelay`, if the service is delayed."""
        if self.delayed(service):
            self._act(service, "undelay")

    def log_sources(self) -> tuple[str, ...]:
        """The log files that the configuration names; otherwise the workers that have a command `logs`."""
        return self._log_files or tuple(name for name in self.workers() if self._command(name, "logs"))

    def log_blocks(self, source: str, since: float) -> Iterator[bytes]:
        """The blocks of a log file, or the output of `logs`, which gets the variables of `since_variables`."""
        if source in self._log_files:
            yield from blocks_of(Path(source))
            return
        self.require(source, "logs")
        where = f"{self._key}.services.{source}.logs"
        variables = {**self._variables, **since_variables(since), _SERVICE: source}
        with printing(self._given(source, "logs"), where, self._config.timeout_seconds, variables) as output:
            yield from blocks_in(output)

    def environment(self, service: str) -> dict[str, str]:
        """The variables that the command `environment` prints, one NAME=VALUE a line."""
        self.require(service, "environment")
        printed = self._act(service, "environment").splitlines()
        return masked(dict(line.partition("=")[::2] for line in printed if "=" in line))

    def processes(self) -> tuple[str, ...]:
        """The command lines that the commands `processes` print, one a line."""
        services = [name for name in self._config.services if self._command(name, "processes")]
        if not services:
            raise Unmeasurable(f"none of {self._key}.services has a command 'processes'")
        printed = (line for name in services for line in self._act(name, "processes").splitlines())
        return tuple(masked_command_line(line) for line in printed if line.strip())

    def run_job(self, name: str) -> CommandResult:
        """Run the job's command; its exit status is that of the job."""
        self.require(name, "jobs")
        where = f"{self._key}.jobs.{name}"
        ended = run(self._config.jobs[name], where, self._config.timeout_seconds, self._variables, may_leave=True)
        return CommandResult(ended.exit_status, ended.output + ended.complaints)

    def _command(self, service: str, name: str) -> str | None:
        if service not in self._config.services:
            raise Unmeasurable(self._unknown(service))
        command: str | None = getattr(self._config.services[service], name)
        return command

    def _given(self, service: str, name: str) -> str:
        return self._command(service, name) or self._lack(service, name)

    def _lack(self, service: str, name: str) -> NoReturn:
        raise Unmeasurable(f"{self._key}.services.{service} has no command {name!r}")

    def _truth(self, service: str, name: str) -> bool:
        """Whether the command ends with 0. Raises Unmeasurable if the shell could not run it."""
        where = f"{self._key}.services.{service}.{name}"
        variables = {**self._variables, _SERVICE: service}
        return run(self._given(service, name), where, self._config.timeout_seconds, variables).exit_status == 0

    def _act(self, service: str, name: str, **variables: str) -> str:
        """Run the command and return its output. Raises Unmeasurable if it fails."""
        where = f"{self._key}.services.{service}.{name}"
        environment = {**self._variables, **variables, _SERVICE: service}
        command, leaves = self._given(service, name), name not in _ONLY_PRINT
        ended = run(command, where, self._config.timeout_seconds, environment, may_leave=leaves)
        if ended.exit_status != 0:
            raise Unmeasurable(f"{where} ended with exit status {ended.exit_status}: {ended.last_line_of_output}")
        return ended.output
