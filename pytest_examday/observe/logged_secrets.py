"""Secrets that a log holds."""

import re
from collections.abc import Mapping

_ASCII = re.compile(rb"\\u00([2-7][0-9a-fA-F])")


class LoggedSecrets:
    """Looks for texts that no log may hold in all bytes of the log, also in lines that could not be read. `secrets`
    maps kinds to texts. `found` maps the kinds that were found to the first file that has one."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._sought = {what: secret.encode() for what, secret in secrets.items()}
        self.found: dict[str, str] = {}

    def add(self, file: str, raw: bytes) -> None:
        """Look for them in these bytes of the file, also if JSON escapes their characters."""
        if not self._sought:
            return
        if b"\\" in raw and b"\\u00" in raw:
            raw = _ASCII.sub(lambda match: bytes.fromhex(match[1].decode()), raw)
        if b"\\" in raw and b"\\/" in raw:
            raw = raw.replace(b"\\/", b"/")
        for what in [what for what, secret in self._sought.items() if secret in raw]:
            self.found[what] = file
            del self._sought[what]
