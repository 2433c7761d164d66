"""The typed runtimes: what a configuration may say about how services are stopped, started and read."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, HttpUrl, field_validator, model_validator

from pytest_examday.record import Record


class PlatformRuntime(Record):
    """The embedded platform: started by the rehearsal, or attached to by the state file of a running one."""

    kind: Literal["platform"]
    state: Path | None = None
    workers: int = Field(2, ge=1, le=64)


class ServiceNames(Record):
    """Which service plays which role; the names are the platform's own."""

    backend: str = Field("backend", min_length=1)
    database: str = Field("postgres", min_length=1)
    cache: str = Field("redis", min_length=1)
    proxy: str = Field("proxy", min_length=1)


class DockerRuntime(ServiceNames):
    """Containers of a Docker engine: those of a Compose project, and those that `containers` names.

    `jobs` are shell commands, run inside a container of the backend. A service has `timeout_seconds` to come up.
    """

    kind: Literal["docker"]
    project: str | None = Field(None, min_length=1)
    containers: dict[str, tuple[str, ...]] = Field({}, description="service to the names of its containers")
    socket: str | None = Field(None, min_length=1)
    jobs: dict[str, str] = Field({})
    timeout_seconds: float = Field(60, gt=0)

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
    """The shell commands that do something to one service; `status` ends with 0 while it is up.

    What makes a fault is of no use without what undoes it and what shows that it is gone.
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
"""Which commands a command that makes a fault cannot do without."""


class CommandRuntime(ServiceNames):
    """The user's own shell commands, for systemd, Kubernetes, anything.

    `workers` are those services that answer the API's requests one by one; without it the backend is one of them.
    """

    kind: Literal["command"]
    services: dict[str, ServiceCommands] = Field(min_length=1)
    workers: tuple[str, ...] = ()
    jobs: dict[str, str] = Field({})
    timeout_seconds: float = Field(60, gt=0)

    @model_validator(mode="after")
    def _workers_are_services(self) -> Self:
        for worker in self.workers:
            if worker not in self.services:
                raise ValueError(f"workers names {worker!r}, which is no service; services: {', '.join(self.services)}")
        return self


class Toxiproxy(Record):
    """A Toxiproxy that stands in front of services: `url` is that of its HTTP API, `proxies` are its names for them."""

    url: HttpUrl
    proxies: dict[str, str] = Field(min_length=1, description="service to the name of its proxy")


class NoRuntime(Record):
    """Services that the rehearsal can neither stop nor start: every drill is then unmeasured."""

    kind: Literal["none"] = "none"


Runtime = Annotated[PlatformRuntime | DockerRuntime | CommandRuntime | NoRuntime, Field(discriminator="kind")]
