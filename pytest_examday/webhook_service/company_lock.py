"""The lock that lets one process at a time work on a company."""

import hashlib
from uuid import UUID

from pytest_examday.webhook_service.database import Connection, one

_KEY_BYTES = 8


class CompanyLock:
    """An advisory lock of PostgreSQL. It ends with its session, so also when the process that holds it is killed."""

    def key(self, company: UUID) -> int:
        """The key of a company: a signed integer of 64 bits, which is what PostgreSQL takes."""
        return int.from_bytes(hashlib.blake2b(company.bytes, digest_size=_KEY_BYTES).digest(), signed=True)

    async def take(self, connection: Connection, company: UUID) -> bool:
        """Take the lock on this session; returns whether it was free."""
        row = await one(connection, "SELECT pg_try_advisory_lock(%s) AS free", (self.key(company),))
        return bool(row and row["free"])

    async def release(self, connection: Connection, company: UUID) -> None:
        """Release the lock, which this session holds."""
        await connection.execute("SELECT pg_advisory_unlock(%s)", (self.key(company),))
