"""How xdist distributes the tests: the whole rehearsal goes to one worker; the user's tests are distributed as before.

Groups of xdist cannot do this: pytest 9.2 with xdist 3.8 ignores `xdist_group` (xdist issue 1386), and one group for
each phase would run phases at the same time.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped] # xdist ships no types

from pytest_examday.session.items import ROOT


class RehearsalScheduling(LoadScopeScheduling):  # type: ignore[misc] # xdist is not typed
    """One scope for the rehearsal; scopes of the user's tests follow `--dist`, one test each where it is not given."""

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
