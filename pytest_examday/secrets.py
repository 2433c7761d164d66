"""Keeping secrets out of every artifact: known secret values are replaced wherever text leaves the process."""

import re
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

HIDDEN = "[hidden]"
_SHORTEST = 6
_TOKEN_SHAPE = re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}")


class Redactor:
    """Replaces the secret values that it was told of, and anything shaped like a JWT."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()

    def learn(self, *values: str | None) -> None:
        """Take these values, and the passwords inside URLs among them, as secrets. Very short ones are ignored:
        hiding `abc` would garble every text."""
        for value in values:
            if value is None:
                continue
            password = urlsplit(value).password if "://" in value else None
            self._secrets.update(secret for secret in (value, password) if secret and len(secret) >= _SHORTEST)

    def learn_from(self, record: BaseModel) -> None:
        """Take every SecretStr inside the record as a secret."""
        for value in record.__dict__.values():
            if isinstance(value, SecretStr):
                self.learn(value.get_secret_value())
            elif isinstance(value, BaseModel):
                self.learn_from(value)

    def clean(self, text: str) -> str:
        """The text without secrets."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return _TOKEN_SHAPE.sub(HIDDEN, text)
