"""How xdist hands out the tests: the rehearsal is one piece of work, the user's tests are as many as they were.

xdist's own groups are no help: pytest 9.2 with xdist 3.8 ignores `xdist_group` (xdist issue 1386), and a group
per phase would run phases at the same time.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped] # xdist ships no types

from pytest_examday.session.items import ROOT


class RehearsalScheduling(LoadScopeScheduling):  # type: ignore[misc] # xdist is not typed
    """One scope for the rehearsal; the user's tests as `--dist` asks, one test each where it asks for nothing."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        self._by = {"loadscope": "::", "loadfile": "::"}.get(config.option.dist)
        self._whole_file = config.option.dist == "loadfile"

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        if file == ROOT:
            return ROOT
        if self._by is None:
            return nodeid
        return file if self._whole_file else nodeid.rsplit("::", 1)[0]
