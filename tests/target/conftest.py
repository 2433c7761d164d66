"""The database of `tests/integrity`, with the reference platform's tables."""

from tests.integrity.conftest import server

__all__ = ["server"]
