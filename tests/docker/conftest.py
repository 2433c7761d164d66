"""One stack for all tests of a process; under xdist every worker has its own."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# Test modules are imported by path, so their shared helpers need a place on the import path.
sys.path.insert(0, str(Path(__file__).parents[2]))

from pytest_examday.config.runtimes import DockerSettings
from pytest_examday.runtimes.docker import DockerRuntime
from tests.docker import engine
from tests.docker.stack import Stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The platform in containers, all of which are removed however the tests end."""
    client = engine.connect()
    try:
        running = Stack(f"exam{os.getpid()}")
        yield running
    finally:
        engine.remove_leftovers(client, os.getpid())
        client.close()


@pytest.fixture
def runtime(stack: Stack) -> DockerRuntime:
    """The runtime of that project."""
    return DockerRuntime(DockerSettings(kind="docker", project=stack.project), "staging")


@pytest.fixture
def healed(runtime: DockerRuntime, stack: Stack) -> Iterator[None]:
    """Every fault is out afterwards, so that a test that fails spoils no other."""
    yield
    runtime.undelay("redis")  # the only one that these tests delay; to look takes a command inside
    for service in runtime.services():
        runtime.unpause(service)
        runtime.start(service)
    stack.await_ready()
