"""Fixtures for everything below this folder. An editable install loads it in users' runs too, so it stays light."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The root of the checkout."""
    return Path(__file__).parent
