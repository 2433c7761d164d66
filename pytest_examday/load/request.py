"""The address of requests, and the parts of a request that need care: its path and its headers."""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, urlsplit

from pytest_examday.contract.patterns import HEADER_NAME, HEADER_VALUE

_PORTS = {"http": 80, "https": 443}
_KEPT = "/?:@!$&'()*+,;=-._~[]%"
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NEW_LINE = re.compile(r"[\r\n]")
_HEADER_NAME = re.compile(HEADER_NAME)
_HEADER_VALUE = re.compile(HEADER_VALUE)


class Unsendable(Exception):
    """A request that HTTP cannot carry as it is meant, for instance because a token or an id holds a line break."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The server that requests go to. `prefix` is the path of the base URL, `authority` the value of the Host
    header."""

    tls: bool
    host: str
    port: int
    authority: str
    prefix: str

    @classmethod
    def of(cls, base_url: str) -> Self:
        """The origin of this base URL; raises ValueError if it is not an http or https URL with a host."""
        parts = urlsplit(base_url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError(f"{base_url!r} is no http or https URL")
        default = _PORTS[parts.scheme]
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        port = default if parts.port is None else parts.port
        authority = host if port == default else f"{host}:{port}"
        return cls(parts.scheme == "https", parts.hostname, port, authority, parts.path.rstrip("/"))


def target(prefix: str, path: str) -> str:
    """The request target. Escapes and reserved characters stay as they are, everything else is quoted as UTF-8.

    Raises Unsendable if it holds a line break or half of a surrogate pair: no request line can hold them.
    """
    full_path = prefix + (path if path.startswith("/") else f"/{path}")
    if _NEW_LINE.search(full_path):
        raise Unsendable(f"a line break in the path {full_path!r}")
    try:
        return quote(_STRAY_PERCENT.sub("%25", full_path), safe=_KEPT)
    except UnicodeEncodeError as problem:
        raise Unsendable(str(problem)) from problem


def header_line(name: str, value: str) -> str:
    """The header without a line break at its end. Raises Unsendable for characters that no header may hold; the message
    leaves out the value, because it may be a token."""
    if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
        raise Unsendable(f"the header {name!r} holds what no header may hold")
    return f"{name}: {value}"
