"""The configuration of runtimes: how the services of a platform are stopped, started and read."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, HttpUrl, field_validator, model_validator

from pytest_examday.record import Record


class EmbeddedSettings(Record):
    """The embedded platform.

    Without `state` the rehearsal starts one with this many `workers`; `state` is the path of the `platform.json` of one
    that runs.
    """

    kind: Literal["embedded"]
    state: Path | None = None
    workers: int = Field(2, ge=1, le=64)


class ServiceNames(Record):
    """The names of the services that play the roles of drills, as the platform calls them."""

    backend: str = Field("backend", min_length=1)
    database: str = Field("postgres", min_length=1)
    cache: str = Field("redis", min_length=1)
    proxy: str = Field("proxy", min_length=1)


class DockerSettings(ServiceNames):
    """Containers of a Docker engine: those of a Compose project and those listed in `containers`.

    `jobs` are shell commands that run inside a container of the backend. `timeout_seconds` is the time that a started
    container has to come up, and a job to end.
    """

    kind: Literal["docker"]
    project: str | None = Field(None, min_length=1)
    containers: dict[str, tuple[str, ...]] = Field({}, description="service to the names of its containers")
    socket: str | None = Field(None, min_length=1)
    jobs: dict[str, str] = Field({})
    timeout_seconds: float = Field(60, gt=0, le=86_400)

    @field_validator("containers", mode="before")
    @classmethod
    def _one_or_several(cls, containers: Any) -> Any:
        if not isinstance(containers, dict):
            return containers
        return {name: [value] if isinstance(value, str) else value for name, value in containers.items()}

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.project is None and not any(self.containers.values()):
            raise ValueError("give project, the name of the Docker Compose project, or containers")
        return self


class ServiceCommands(Record):
    """The shell commands for one service. `status` ends with 0 while the service is up.

    `address` is the HTTP address of a worker by itself, past every proxy.

    A command that puts a fault in is refused without the commands that undo the fault and show that it is gone.
    """

    status: str | None = None
    start: str | None = None
    stop: str | None = None
    restart: str | None = None
    kill: str | None = None
    pause: str | None = None
    unpause: str | None = None
    paused: str | None = None
    delay: str | None = None
    undelay: str | None = None
    delayed: str | None = None
    logs: str | None = None
    environment: str | None = None
    processes: str | None = None
    address: HttpUrl | None = None

    @model_validator(mode="after")
    def _can_be_undone(self) -> Self:
        for fault, needed in FAULT_COMMANDS.items():
            missing = [name for name in needed if getattr(self, name) is None]
            if getattr(self, fault) is not None and missing:
                raise ValueError(
                    f"{fault} needs {' and '.join(missing)}, so that the fault can be undone and seen gone"
                )
        return self


FAULT_COMMANDS = {
    "stop": ("start", "status"),
    "kill": ("start", "status"),
    "pause": ("unpause", "paused"),
    "delay": ("undelay", "delayed"),
}
"""For each command that puts a fault in: the commands that it requires."""


class CommandSettings(ServiceNames):
    """The user's own shell commands, for instance for systemd or Kubernetes.

    `defaults` has commands for each of `services`, which may replace single ones; a command finds the name of its
    service in the variable EXAMDAY_SERVICE. `workers` names the services that answer API requests one by one; if it
    is empty, the backend is the only worker. `timeout_seconds` limits each command, and the time until a service is up
    or down.
    """

    kind: Literal["command"]
    defaults: ServiceCommands = ServiceCommands()
    services: dict[str, ServiceCommands] = Field(min_length=1)
    workers: tuple[str, ...] = ()
    jobs: dict[str, str] = Field({})
    timeout_seconds: float = Field(60, gt=0, le=86_400)

    @model_validator(mode="before")
    @classmethod
    def _each_has_the_defaults(cls, given: Any) -> Any:
        """Give each service the commands of `defaults`. What is no table is left as it is, for the validation to
        tell."""
        if not isinstance(given, dict) or not isinstance(given.get("defaults"), dict):
            return given
        services = given.get("services")
        if not isinstance(services, dict) or not all(isinstance(service, dict) for service in services.values()):
            return given
        return {**given, "services": {name: {**given["defaults"], **service} for name, service in services.items()}}

    @model_validator(mode="after")
    def _workers_are_services(self) -> Self:
        for worker in self.workers:
            if worker not in self.services:
                raise ValueError(f"workers names {worker!r}, which is no service; services: {', '.join(self.services)}")
        return self


class ToxiproxySettings(Record):
    """A Toxiproxy in front of services: `url` is its HTTP API; `proxies` maps services to the names of its
    proxies."""

    url: HttpUrl
    proxies: dict[str, str] = Field(min_length=1, description="service to the name of its proxy")


class NoServicesSettings(Record):
    """No access to the services: they cannot be stopped or started, and every drill is unmeasured."""

    kind: Literal["none"] = "none"


Runtime = Annotated[
    EmbeddedSettings | DockerSettings | CommandSettings | NoServicesSettings, Field(discriminator="kind")
]
