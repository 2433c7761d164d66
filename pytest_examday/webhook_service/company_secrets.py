"""The secrets with which companies sign, read from the database and decrypted."""

from uuid import UUID

from pytest_examday.webhook_service.database import Database, one
from pytest_examday.webhook_service.encryption import Encryption


class CompanySecrets:
    """Reads the secret of a company for each webhook, so that a changed secret counts at once."""

    def __init__(self, database: Database, encryption: Encryption) -> None:
        self._database = database
        self._encryption = encryption

    async def of(self, company: UUID) -> str | None:
        """The company's secret; None if there is no such company or it has none."""
        async with self._database.company(company) as connection:
            row = await one(
                connection, "SELECT webhook_secret_encrypted AS secret FROM companies WHERE id = %s", (company,)
            )
        return None if row is None or row["secret"] is None else self._encryption.decrypted(bytes(row["secret"]))
