"""A platform, exams that are sat on it, and the database of `tests/integrity` with the reference platform's tables."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from tests.integrity.conftest import clean, connection, server
from tests.platform.platform_harness import Platform
from tests.suites.exam.stored_exams.sat_exam import Begin, Exam

__all__ = ["clean", "connection", "server"]


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A running platform that the rehearsal knows by its addresses alone."""
    running = Platform(tmp_path_factory.mktemp("asked"), "--exam-mode", "off", "--candidates", 160)
    yield running
    running.end()


@pytest.fixture
def begin(platform: Platform, tmp_path: Path) -> Iterator[Begin]:
    """Begins exams on the platform."""
    with ExitStack() as open_exams:

        def begun(name: str, /, **settings: Any) -> Exam:
            return open_exams.enter_context(closing(Exam(platform, tmp_path / name, **settings)))

        yield begun
