"""A request as bytes: where the platform is, and what is sent to it."""

import json
import re
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote, urlsplit

_PORTS = {"http": 80, "https": 443}
_ALWAYS = "Accept: */*\r\nAccept-Encoding: identity\r\nUser-Agent: pytest-examday\r\n"
_KEPT = "/?:@!$&'()*+,;=-._~[]%"
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NEW_LINE = re.compile(r"[\r\n]")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_WITH_LENGTH = frozenset({"POST", "PUT", "PATCH"})


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


def encode(origin: Origin, method: str, path: str, headers: dict[str, str], body: Any = None) -> bytes:
    """The request as it goes over the wire, a body other than None as JSON; raises Unsendable."""
    try:
        content = b"" if body is None else _JSON.encode(body).encode()
        head = (
            f"{method} {target(origin.prefix, path)} HTTP/1.1\r\nHost: {origin.authority}\r\n{_ALWAYS}"
            f"{_lines(headers)}{_framing(method, body is not None, len(content))}\r\n"
        )
        return head.encode("latin-1") + content
    except ValueError as problem:  # what has no UTF-8, no Latin-1 or no JSON
        raise Unsendable(str(problem)) from problem


def target(prefix: str, path: str) -> str:
    """The request target: escapes and reserved characters stay as given, everything else is quoted as UTF-8."""
    given = prefix + (path if path.startswith("/") else f"/{path}")
    if _NEW_LINE.search(given):
        raise Unsendable(f"a line break in the path {given!r}")
    return quote(_STRAY_PERCENT.sub("%25", given), safe=_KEPT)


def _lines(headers: dict[str, str]) -> str:
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise Unsendable(f"the header {name!r} holds what no header may hold")  # its value may be a token
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())


def _framing(method: str, has_body: bool, length: int) -> str:
    kind = "Content-Type: application/json\r\n" if has_body else ""
    return f"{kind}Content-Length: {length}\r\n" if has_body or method in _WITH_LENGTH else ""
