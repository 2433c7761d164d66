"""Connects to the Docker engine, finds containers by service, and turns the client's errors into one line."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pytest_examday.config.runtimes import DockerSettings
from pytest_examday.errors import Unmeasurable

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container
    from docker.tls import TLSConfig

PROJECT = "com.docker.compose.project"
SERVICE = "com.docker.compose.service"
NUMBER = "com.docker.compose.container-number"
ONE_OFF = "com.docker.compose.oneoff"
_DEFAULT_SOCKET = "/var/run/docker.sock"
_TIMEOUT_SECONDS = 60

Replicas = dict[str, "Container"]
"""The containers of one service by name: `backend-1`, `backend-2`."""


def connect(config: DockerSettings, key: str) -> "DockerClient":
    """A client of the engine. Raises Unmeasurable if there is no engine or access is denied.

    `key` is the configuration key that error messages name.
    """
    from docker import DockerClient

    address = address_of(config)
    _check_socket(address, key)
    with one_line_errors(f"the Docker engine at {address}"):
        client = DockerClient(base_url=address, tls=_tls(address), timeout=_TIMEOUT_SECONDS, max_pool_size=32)
        client.ping()
        return client


def address_of(config: DockerSettings) -> str:
    """The address of the engine, with `://`: that of the configuration, otherwise DOCKER_HOST, otherwise the default
    socket."""
    chosen = config.socket or os.environ.get("DOCKER_HOST") or _DEFAULT_SOCKET
    return chosen if "://" in chosen else f"unix://{chosen}"


def _tls(address: str) -> "TLSConfig | bool":
    """The TLS settings from DOCKER_TLS_VERIFY and DOCKER_CERT_PATH for a connection over a network, as Docker's own
    client reads them; False if they are not set."""
    from docker.utils import kwargs_from_env

    if not address.startswith(("tcp://", "https://")):
        return False
    return kwargs_from_env({**os.environ, "DOCKER_HOST": address}).get("tls", False)


def _check_socket(address: str, key: str) -> None:
    """Raise Unmeasurable if the socket is missing or access is denied; the client's own error hides this in a chain
    of exceptions."""
    if not address.startswith("unix://"):
        return
    path = address.removeprefix("unix://")
    if not os.path.exists(path):  # noqa: PTH110 (a Path would raise if a folder may not be entered)
        raise Unmeasurable(f"no Docker socket at {path}: start the engine, or set {key}.socket")
    if not os.access(path, os.R_OK | os.W_OK, effective_ids=True):
        raise Unmeasurable(
            f"no permission to use the Docker socket {path}: only its owner and group may use it; "
            "is this user in the group docker?"
        )


@contextmanager
def one_line_errors(what: str) -> Iterator[None]:
    """Turn every error of the client within the block into Unmeasurable, with one line about `what`."""
    from docker.errors import APIError, DockerException
    from requests import RequestException

    try:
        yield
    except APIError as problem:
        raise Unmeasurable(f"{what}: {' '.join(str(problem.explanation or problem).split())}") from None
    except (DockerException, RequestException) as problem:
        raise Unmeasurable(f"{what}: {' '.join(str(problem).split())}") from None


def find_services(client: "DockerClient", config: DockerSettings) -> dict[str, Replicas]:
    """The services of the Compose project and of `containers`. Raises Unmeasurable if there are none or a container
    is missing."""
    with one_line_errors("the containers cannot be listed"):
        services = {} if config.project is None else _of_project(client, config.project)
    for service, names in config.containers.items():
        services[service] = _numbered(service, [_named(client, name) for name in names])
    return services


def _of_project(client: "DockerClient", project: str) -> dict[str, Replicas]:
    services: dict[str, Replicas] = {}
    containers = client.containers.list(all=True, filters={"label": f"{PROJECT}={project}"}, ignore_removed=True)
    for container in sorted(containers, key=lambda item: int(item.labels.get(NUMBER, 1))):
        if container.labels.get(ONE_OFF, "False") == "False":
            service = container.labels.get(SERVICE, str(container.name))
            services.setdefault(service, {})[f"{service}-{container.labels.get(NUMBER, 1)}"] = container
    if not services:
        raise Unmeasurable(f"no containers of the Compose project {project!r}; {_other_projects(client)}")
    return services


def _other_projects(client: "DockerClient") -> str:
    containers = client.containers.list(all=True, filters={"label": [PROJECT]}, ignore_removed=True)
    projects = sorted({container.labels[PROJECT] for container in containers})
    return f"projects on this engine: {', '.join(projects)}" if projects else "this engine has no Compose project"


def _named(client: "DockerClient", name: str) -> "Container":
    from docker.errors import NotFound

    with one_line_errors(f"container {name!r}"):
        try:
            return client.containers.get(name)
        except NotFound:
            names = ", ".join(sorted(str(item.name) for item in client.containers.list(all=True, ignore_removed=True)))
            raise Unmeasurable(f"no container {name!r}; containers on this engine: {names or 'none'}") from None


def _numbered(service: str, containers: "list[Container]") -> Replicas:
    return {f"{service}-{number}": container for number, container in enumerate(containers, 1)}
