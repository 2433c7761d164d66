"""The strangers, each started once for a module."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.strangers.started import started


@pytest.fixture(scope="module")
def json_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The JSON API without a defect and with exam mode on: its addresses, accounts, pids and logs."""
    with started("json_api", tmp_path_factory.mktemp("json-api"), "--exam-mode") as state:
        yield state
