"""Starts each foreign platform once for a module, without a defect and with exam mode on. The value of a fixture is
what the platform says of itself: its addresses, accounts, pids and logs."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.foreign_platforms.started import started


@pytest.fixture(scope="module")
def json_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The JSON API."""
    with started("json_api", tmp_path_factory.mktemp("json-api"), "--exam-mode") as state:
        yield state


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The pages that a server renders."""
    with started("pages", tmp_path_factory.mktemp("pages"), "--exam-mode") as state:
        yield state


@pytest.fixture(scope="module")
def rpc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The platform of one path."""
    with started("rpc", tmp_path_factory.mktemp("rpc"), "--exam-mode") as state:
        yield state
