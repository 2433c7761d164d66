"""Candidates of these tests retry at once."""

from tests.load.conftest import impatient

__all__ = ["impatient"]
