"""Finds secrets in a log."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote, quote_plus

_SHORTEST_BASE64 = 12
"""The fewest characters of base64 that are looked for; fewer may occur by chance."""
_ASCII = re.compile(rb"\\u00([2-7][0-9a-fA-F])")


class LoggedSecrets:
    """Looks for texts that no log may hold in all bytes of the log, also in lines that could not be read. `secrets`
    maps kinds to texts. `found` maps the kinds that were found to the first file that has one."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._sought = {what: frozenset(_forms(secret)) for what, secret in secrets.items()}
        self.found: dict[str, str] = {}

    def add(self, file: str, raw: bytes) -> None:
        """Look for the secrets in these bytes of the file: as they are, escaped as in JSON or an address, and as parts
        of a text in base64."""
        if not self._sought:
            return
        if b"\\" in raw and b"\\u00" in raw:
            raw = _ASCII.sub(lambda match: bytes.fromhex(match[1].decode()), raw)
        if b"\\" in raw and b"\\/" in raw:
            raw = raw.replace(b"\\/", b"/")
        for what in [what for what, forms in self._sought.items() if any(form in raw for form in forms)]:
            self.found[what] = file
            del self._sought[what]


def _forms(secret: str) -> Iterator[bytes]:
    """The forms in which a log may hold the secret."""
    for written in (secret, json.dumps(secret)[1:-1], quote(secret, safe=""), quote_plus(secret)):
        yield written.encode()
    for place in range(3):  # base64 writes three bytes as four characters
        yield from _in_base64(secret.encode(), place)


def _in_base64(secret: bytes, place: int) -> Iterator[bytes]:
    """The characters of base64 that stand for the secret alone, if it begins at this place of three bytes."""
    begin = -(-place * 8 // 6)
    end = (place + len(secret)) * 8 // 6
    for encoded in (base64.b64encode, base64.urlsafe_b64encode):
        characters = encoded(bytes(place) + secret)[begin:end]
        if len(characters) >= _SHORTEST_BASE64:
            yield characters
