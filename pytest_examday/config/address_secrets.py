"""The secrets inside an address: a URL, or a string of keywords as libpq reads it."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

_USER_AND_PASSWORD = re.compile(r"[^:/?#@]*://[^:/?#@\[\]]*:(.+)@([^@]*)", re.DOTALL)
"""A URL whose password ends at the last `@`, even if it holds characters that ought to be escaped."""
_SEPARATOR = re.compile(r"[@:/?#]")
_SECRET_KEY = re.compile(r"\w*(?:password|passwd|secret|token)\w*", re.IGNORECASE)
_KEYWORD = re.compile(r"(\w+)\s*=\s*('(?:[^'\\]|\\.)*'?|(?:[^\s\\]|\\.)+)", re.DOTALL)
_BACKSLASH = re.compile(r"\\(.)", re.DOTALL)


def passwords(address: str) -> Iterator[str]:
    """The passwords in the address, each as it is written and with its escapes decoded; nothing if the text is not an
    address."""
    secrets = _of_url(address) if "://" in address else _of_keywords(address)
    for password in dict.fromkeys(secrets):
        quoted, meant = "", password
        while meant != quoted:  # quoted more than once, it is a secret in each form
            yield meant
            quoted, meant = meant, unquote(meant)


def fragments_of_drivers(address: str) -> Iterator[str]:
    """The texts that a driver quotes if the password holds `@`, `:`, `/`, `?` or `#` without escapes: the driver takes
    the text after such a character for the host, up to the `@` that ends the password."""
    match = _USER_AND_PASSWORD.match(address)
    if match is not None:
        password = match.group(1)
        for cut in _SEPARATOR.finditer(password):
            yield f"{password[cut.end() :]}@"


def _of_url(address: str) -> Iterator[str]:
    try:
        parts = urlsplit(address)
        password, query = parts.password, parts.query
    except ValueError:  # a malformed address: the pattern finds its password
        password, query = None, address.partition("?")[2]
    yield password or ""
    yield from (value for key, value in parse_qsl(query) if _SECRET_KEY.fullmatch(key))
    match = _USER_AND_PASSWORD.match(address)
    if match is not None:
        yield match.group(1)


def _of_keywords(address: str) -> Iterator[str]:
    for key, value in _KEYWORD.findall(address):
        if _SECRET_KEY.fullmatch(key):
            yield value
            yield _BACKSLASH.sub(r"\1", value[1:].removesuffix("'") if value.startswith("'") else value)
