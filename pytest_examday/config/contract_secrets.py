"""Finds the secrets that are written into a contract itself, and not named as `${VARIABLE}`."""

import base64
import binascii
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from pytest_examday.config.ordinary_text import looks_random
from pytest_examday.config.secret_names import is_secret_by_name, may_be_secret
from pytest_examday.contract.contract import Contract
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.contract.vocabulary import PLACEHOLDER

_SENT = ("headers", "body", "bodies", "form", "multipart")
"""The keys of an operation below which is what its requests send."""
_COOKIE, _BASIC = "cookie", "basic"


def secrets_in(contract: Contract) -> Iterator[str]:
    """The texts in headers, bodies, forms and paths whose key says that they may be secrets.

    An ordinary text counts only below a key such as `client_secret`: `token_type = "bearer"` is none.
    """
    yield from (secret for secret in _in_operations(contract.model_dump()) if secret not in _published())


@cache
def _published() -> frozenset[str]:
    """What anybody reads in the contract of the embedded platform is no secret."""
    return frozenset(_in_operations(CONTRACT.model_dump()))


def _in_operations(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key in _SENT:
                yield from _in_sent("", item)
            elif key == "path" and isinstance(item, str):
                for name, text in parse_qsl(item.partition("?")[2]):
                    yield from _in_sent(name, text)
            else:
                yield from _in_operations(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _in_operations(item)


def _in_sent(key: str, value: Any) -> Iterator[str]:
    """The secrets of what is sent below this key."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _in_sent(name, item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _in_sent(key, item)
    elif isinstance(value, str) and may_be_secret(key, value):
        for text, certain in _parts(key, value):
            pieces = (piece.strip() for piece in PLACEHOLDER.split(text)[::2])  # between them are names of placeholders
            yield from (piece for piece in pieces if piece and (certain or looks_random(piece)))


def _parts(key: str, value: str) -> Iterator[tuple[str, bool]]:
    """The text, the values of its cookies, and what follows the word `Bearer`; each with whether it is a secret also if
    it is an ordinary text."""
    if key.lower() == _COOKIE:
        yield from ((pair.partition("=")[2], False) for pair in value.split(";"))
        return
    yield value, is_secret_by_name(key)
    scheme, _, credentials = value.partition(" ")
    if "auth" in key.lower() and credentials:
        yield credentials, True
        if scheme.lower() == _BASIC:
            yield _password_of(credentials), True


def _password_of(credentials: str) -> str:
    """The password in the credentials of HTTP Basic; empty if they are none."""
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
