"""The database of `tests/integrity`, with the reference platform's tables."""

from tests.integrity.conftest import clean, connection, server

__all__ = ["clean", "connection", "server"]
