"""Keeping secrets out of every artifact: known secret values are replaced wherever text leaves the process."""

import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, HttpUrl, SecretStr

from pytest_examday.config.environment import ListedAccounts

HIDDEN = "[hidden]"
MASK = "********"
_SECRET_WORDS = ("PASS", "SECRET", "URL", "DSN", "TOKEN", "KEY", "CREDENTIAL", "PRIVATE", "AUTH", "SALT", "COOKIE")
_SHORTEST = 6
_WORD = re.compile(r"[^\s\"'<>&,;=()\[\]{}\\]+")
_TOKEN_SHAPE = re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}")


def masked(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment with every value hidden that may be a secret: by its name, or as an address with a password."""
    return {name: MASK if _may_be_secret(name, value) else value for name, value in environment.items()}


def _may_be_secret(name: str, value: str) -> bool:
    return any(word in name.upper() for word in _SECRET_WORDS) or any(_passwords(value))


class Redactor:
    """Replaces the secret values that it was told of, and anything shaped like a JWT."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._listed: set[str] = set()

    def learn(self, *values: str | None) -> None:
        """Take these values, and the passwords inside URLs among them, as secrets. Very short ones are ignored:
        hiding `abc` would garble every text."""
        for value in values:
            if value is None:
                continue
            for secret in (value, *_passwords(value)):
                if len(secret) >= _SHORTEST:
                    self._secrets |= {secret, *(json.dumps(secret, ensure_ascii=pure)[1:-1] for pure in (True, False))}

    def learn_list(self, *values: str) -> None:
        """Take very many values as secrets: they are found where they stand as a word of their own."""
        for value in values:
            if _WORD.fullmatch(value) is None:
                self.learn(value)
            elif len(value) >= _SHORTEST:
                self._listed.add(value)

    def learn_from(self, record: BaseModel) -> None:
        """Take every SecretStr inside the record as a secret, and the password of an HTTP address."""
        if isinstance(record, ListedAccounts):
            self.learn_list(*_secrets_of(record))
            return
        for value in record.__dict__.values():
            if isinstance(value, SecretStr):
                self.learn(value.get_secret_value())
            elif isinstance(value, HttpUrl):
                self.learn(*_passwords(str(value)))
            elif isinstance(value, BaseModel):
                self.learn_from(value)

    def clean(self, text: str) -> str:
        """The text without secrets."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        if self._listed:
            text = _WORD.sub(lambda word: HIDDEN if word.group() in self._listed else word.group(), text)
        return _TOKEN_SHAPE.sub(HIDDEN, text)


def _secrets_of(accounts: ListedAccounts) -> Iterator[str]:
    for account in accounts.listed:
        for secret in (account.password, account.access_token, account.refresh_token):
            if secret is not None:
                yield secret.get_secret_value()


def _passwords(value: str) -> Iterator[str]:
    """The password inside a URL as it is written there and as it is meant; nothing where the text is no URL."""
    try:
        password = urlsplit(value).password if "://" in value else None
    except ValueError:
        return
    if password:
        yield password
        yield unquote(password)
