"""What happens to one webhook: its signature, its event, its effect."""

from collections.abc import Mapping
from uuid import UUID

from pytest_examday.webhook_service.company_secrets import CompanySecrets
from pytest_examday.webhook_service.event import Event, parse
from pytest_examday.webhook_service.event_store import EventStore, Stored
from pytest_examday.webhook_service.signatures import BadSignature, Signatures


class Intake:
    """Takes webhooks in. Nothing is counted or stored before the signature is checked."""

    def __init__(self, secrets: CompanySecrets, signatures: Signatures, store: EventStore) -> None:
        self._secrets = secrets
        self._signatures = signatures
        self._store = store

    async def take(self, company: str, headers: Mapping[str, str], body: bytes) -> Stored:
        """Store the event of a webhook. Raises BadSignature, BadEvent or TooMany."""
        identifier = _identifier(company)
        secret = None if identifier is None else await self._secrets.of(identifier)
        self._signatures.check(secret, headers, body)
        if identifier is None:
            raise BadSignature("unknown_company")
        return await self._store.store(identifier, self.read(body))

    def read(self, body: bytes) -> Event:
        """The event in the body. Raises BadEvent."""
        return parse(body)


def _identifier(company: str) -> UUID | None:
    try:
        return UUID(company)
    except ValueError:
        return None
