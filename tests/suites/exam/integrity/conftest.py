"""The database of `tests/integrity`, with the reference platform's tables."""

from tests.integrity.conftest import connection, server

__all__ = ["connection", "server"]
