"""Keeps secrets out of every artifact: known secrets are replaced in all text that a run writes."""

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
    """The environment variables with the values hidden that may be secret: because of their name, or because they are
    an address with a password."""
    return {name: MASK if _may_be_secret(name, value) else value for name, value in environment.items()}


def _may_be_secret(name: str, value: str) -> bool:
    return any(word in name.upper() for word in _SECRET_WORDS) or any(_passwords(value))


class Redactor:
    """Replaces the secrets that it has learned, and every text that looks like a JWT."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._listed: set[str] = set()

    def learn(self, *values: str | None) -> None:
        """Learn secrets: these values and the passwords inside URLs among them.

        Values shorter than 6 characters are ignored, because hiding a text such as `abc` would damage unrelated text.
        """
        for value in values:
            if value is None:
                continue
            for secret in (value, *_passwords(value)):
                if len(secret) >= _SHORTEST:
                    self._secrets |= {secret, *(json.dumps(secret, ensure_ascii=pure)[1:-1] for pure in (True, False))}

    def learn_list(self, *values: str) -> None:
        """Learn very many secrets, such as the passwords of a list of accounts; they are replaced where they occur as
        whole words."""
        for value in values:
            if _WORD.fullmatch(value) is None:
                self.learn(value)
            elif len(value) >= _SHORTEST:
                self._listed.add(value)

    def learn_from(self, record: BaseModel) -> None:
        """Learn every SecretStr inside the record, and the password of every HTTP address."""
        if isinstance(record, ListedAccounts):
            self.learn_list(*_secrets_of(record))
        for value in record.__dict__.values():
            if isinstance(value, SecretStr):
                self.learn(value.get_secret_value())
            elif isinstance(value, HttpUrl):
                self.learn(*_passwords(str(value)))
            elif isinstance(value, BaseModel):
                self.learn_from(value)

    def clean(self, text: str) -> str:
        """The text with every learned secret replaced by `[hidden]`."""
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
    """The password inside a URL, as written and percent-decoded; nothing where the text is no URL."""
    try:
        password = urlsplit(value).password if "://" in value else None
    except ValueError:
        return
    if password:
        yield password
        yield unquote(password)
