"""An empty image, containers that borrow this machine's programs, and the certain end of both."""

import hashlib
import io
import os
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import docker
from docker.errors import NotFound
from docker.models.containers import Container
from docker.models.networks import Network
from docker.types import IPAMConfig, IPAMPool
from filelock import FileLock

OWNER = "examday.test.owner"
"""Label with the process id of the tests that made it."""
_PASSWD = "root:x:0:0::/:/bin/sh\nserver:x:65534:65534::/data:/bin/sh\n"
_GROUP = "root:x:0:\nserver:x:65534:\n"


def connect() -> docker.DockerClient:
    """The engine of this machine. Without one the tests fail: `.ci/run` starts it."""
    return docker.from_env(timeout=60)


def make_image(client: docker.DockerClient) -> str:
    """Folders and users; every program comes from this machine. Made once: the name tells the contents."""
    archive = _empty_archive()
    repository, tag = "examday-test", hashlib.sha256(archive).hexdigest()[:12]
    if not client.images.list(name=f"{repository}:{tag}"):
        client.api.import_image_from_data(archive, repository, tag)
    return f"{repository}:{tag}"


def _empty_archive() -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for folder, mode in (("etc", 0o755), ("data", 0o1777), ("tmp", 0o1777), ("run", 0o1777), ("var/log", 0o1777)):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            tar.addfile(entry)
        for name, text in (("etc/passwd", _PASSWD), ("etc/group", _GROUP)):
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return archive.getvalue()


def borrowed(*more: Path) -> dict[str, dict[str, str]]:
    """This machine's programs and Python, to be read only."""
    programs = [Path(path) for path in ("/usr", "/bin", "/lib", "/lib64", "/etc/alternatives", "/etc/ssl")]
    wanted = [*programs, Path(sys.prefix), Path(sys.base_prefix), *more]
    paths = {path for path in wanted if path.exists()}
    # A folder inside another one that is borrowed comes with it.
    outer = [path for path in paths if not any(path != other and path.is_relative_to(other) for other in paths)]
    return {str(path): {"bind": str(path), "mode": "ro"} for path in outer}


def make_container(client: docker.DockerClient, name: str, command: list[str], **options: Any) -> Container:
    """A container of the empty image with this machine's programs, started by nobody yet.

    `environment` and `labels` come on top of those that every container has; the rest goes to the engine.
    """
    environment = {"PATH": f"{sys.prefix}/bin:/usr/sbin:/usr/bin:/bin", **options.pop("environment", {})}
    return client.containers.create(
        make_image(client),
        command,
        name=name,
        environment=environment,
        labels={**owned(), **options.pop("labels", {})},
        volumes=borrowed(*options.pop("folders", ())),
        **options,
    )


def put(container: Container, files: Mapping[str, str]) -> None:
    """Put text files into a container, running or not, by their paths without the first slash."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(text), 0o644
            tar.addfile(entry, io.BytesIO(text.encode()))
    container.put_archive("/", archive.getvalue())


def make_network(client: docker.DockerClient, name: str, labels: dict[str, str]) -> tuple[Network, str]:
    """A bridge of its own and the first three numbers of its addresses, at the first place that is free."""
    problems = []
    for third in range(1, 250):
        prefix = f"10.213.{third}"
        ipam = IPAMConfig(pool_configs=[IPAMPool(subnet=f"{prefix}.0/24")])
        try:
            return client.networks.create(name, driver="bridge", ipam=ipam, labels=labels), prefix
        except docker.errors.APIError as problem:
            if "overlap" not in str(problem):
                raise
            problems.append(str(problem))
    raise AssertionError(f"no free network: {problems[-1]}")


def remove_leftovers(client: docker.DockerClient, *owners: int) -> None:
    """What these processes made; without any, what processes made that are dead."""
    with FileLock(Path(tempfile.gettempdir()) / "examday-test-leftovers.lock"):
        _remove_all_of(client, owners)


def _remove_all_of(client: docker.DockerClient, owners: tuple[int, ...]) -> None:
    containers = client.containers.list(all=True, filters={"label": OWNER}, ignore_removed=True)
    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(remove, [one for one in containers if _is_left(one.labels, owners)]))
    for network in client.networks.list(filters={"label": OWNER}):
        if _is_left(network.attrs["Labels"], owners):
            remove(network)


def _is_left(labels: Mapping[str, str], owners: tuple[int, ...]) -> bool:
    owner = int(labels[OWNER])
    return owner in owners or not Path(f"/proc/{owner}").exists()


def remove(thing: Any) -> None:
    """A container or a network; nothing happens if it is gone."""
    try:
        if isinstance(thing, Container):
            thing.remove(force=True, v=True)
        else:
            thing.remove()
    except NotFound:
        return  # another worker of the tests was faster


def owned() -> dict[str, str]:
    """The label of what this process makes."""
    return {OWNER: str(os.getpid())}
