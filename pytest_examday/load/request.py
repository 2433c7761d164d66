"""Where requests go, and what may stand in one: the path, and the value of a header."""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, urlsplit

_PORTS = {"http": 80, "https": 443}
_KEPT = "/?:@!$&'()*+,;=-._~[]%"
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NEW_LINE = re.compile(r"[\r\n]")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


class Unsendable(Exception):
    """A request that cannot be put into HTTP without becoming another one: a line break in a token or an id."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where requests go: `prefix` is the path of the base URL, `authority` what the Host header says."""

    tls: bool
    host: str
    port: int
    authority: str
    prefix: str

    @classmethod
    def of(cls, base_url: str) -> Self:
        """The origin of this base URL; raises ValueError where it is no http or https URL with a host."""
        parts = urlsplit(base_url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError(f"{base_url!r} is no http or https URL")
        default = _PORTS[parts.scheme]
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        port = default if parts.port is None else parts.port
        authority = host if port == default else f"{host}:{port}"
        return cls(parts.scheme == "https", parts.hostname, port, authority, parts.path.rstrip("/"))


def target(prefix: str, path: str) -> str:
    """The request target: escapes and reserved characters stay as given, everything else is quoted as UTF-8.

    Raises Unsendable where it holds what no request line can: a line break, half of a surrogate pair.
    """
    given = prefix + (path if path.startswith("/") else f"/{path}")
    if _NEW_LINE.search(given):
        raise Unsendable(f"a line break in the path {given!r}")
    try:
        return quote(_STRAY_PERCENT.sub("%25", given), safe=_KEPT)
    except UnicodeEncodeError as problem:
        raise Unsendable(str(problem)) from problem


def header_line(name: str, value: str) -> str:
    """The header without a line break at its end; raises Unsendable, without the value: it may be a token."""
    if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
        raise Unsendable(f"the header {name!r} holds what no header may hold")
    return f"{name}: {value}"
