"""Candidates of these tests retry at once."""

import pytest

from pytest_examday.load import attempts


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Back-off in hundredths of a second."""
    monkeypatch.setattr(attempts, "_BACK_OFF_SECONDS", (0.01, 0.02))
