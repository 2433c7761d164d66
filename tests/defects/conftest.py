"""Rehearsals on platforms with and without a defect."""

from collections.abc import Callable
from pathlib import Path

import pytest

from .harness import Defect, Outcome, rehearse


@pytest.fixture
def rehearsed(tmp_path: Path) -> Callable[[Defect], Outcome]:
    """Rehearses on a platform of its own that has the defect."""
    return lambda defect: rehearse(tmp_path, defect)
