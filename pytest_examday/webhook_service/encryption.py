"""What is stored encrypted, and how a person is named without being recognisable."""

import hashlib
import hmac
import json
from typing import Any

from cryptography.fernet import Fernet

from pytest_examday.webhook_service.settings import Settings


class Encryption:
    """Encrypts payloads and secrets, and makes the reference that stands for a person."""

    def __init__(self, settings: Settings) -> None:
        self._fernet = Fernet(settings.encryption_key)
        self._person_key = settings.person_key.encode()

    def payload(self, document: dict[str, Any]) -> bytes:
        """The whole payload, encrypted and authenticated."""
        return self.text(json.dumps(document))

    def text(self, text: str) -> bytes:
        """A text, encrypted and authenticated."""
        return self._fernet.encrypt(text.encode())

    def decrypted(self, stored: bytes) -> str:
        """The text that was encrypted. Raises `cryptography.fernet.InvalidToken` if it was changed."""
        return self._fernet.decrypt(stored).decode()

    def person_ref(self, company: str, person: str) -> str:
        """The same for the same person of the same company; without the key nobody can tell whose it is."""
        name = f"{company}:{person.strip().lower()}"
        return hmac.new(self._person_key, name.encode(), hashlib.sha256).hexdigest()
