"""Where the run keeps its objects in pytest's stash."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_examday.session.controller import Controller
    from pytest_examday.session.rehearsal import Rehearsal

REHEARSAL: pytest.StashKey["Rehearsal"] = pytest.StashKey()
CONTROLLER: pytest.StashKey["Controller"] = pytest.StashKey()
