"""For all tests: locks and fault journals lie in a folder of this run, not among those of the user."""

import os
from collections.abc import Iterator

import pytest

from pytest_examday.standing import VARIABLE


@pytest.fixture(scope="session", autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(tmp_path_factory.mktemp("state"))
    yield
    if before is None:
        del os.environ[VARIABLE]
    else:
        os.environ[VARIABLE] = before
