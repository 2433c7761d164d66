"""Platforms that tests share; under xdist every worker has its own."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# Test modules are imported by path, so their shared helpers need a place on the import path.
sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.platform.platform_harness import Platform, processes_of


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform as it comes, in exam mode."""
    yield from _run(tmp_path_factory.mktemp("exam"))


@pytest.fixture(scope="session")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """With links before PostgreSQL and Redis, a front proxy, one worker."""
    yield from _run(tmp_path_factory.mktemp("linked"), "--links", "--proxy", "--workers", 1)


@pytest.fixture(scope="session")
def relaxed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Exam mode off, one worker with one connection, and a troubled application."""
    yield from _run(
        tmp_path_factory.mktemp("relaxed"),
        *("--exam-mode", "off", "--workers", 1, "--pool-size", 1, "--pool-max-overflow", 0),
        *("--app", "platform_variants:create_app"),
    )


def _run(directory: Path, *arguments: object) -> Iterator[Platform]:
    running = Platform(directory, *arguments)
    yield running
    running.end()
    assert processes_of(directory) == []
