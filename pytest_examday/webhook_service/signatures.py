"""Signatures of webhooks: HMAC-SHA256 over `{timestamp}.{body}`, with a window for the time stamp."""

import hashlib
import hmac
import time
from collections.abc import Mapping

from pytest_examday.webhook_service.settings import Settings

SIGNATURE_HEADER = "x-signature"
TIMESTAMP_HEADER = "x-timestamp"
_PREFIX = "v1="
_MOST_DIGITS = 12


class BadSignature(Exception):
    """A webhook was not signed by its company, or not now; the message is a word for the log and not for the sender."""


class Signatures:
    """Checks who sent a webhook, and when."""

    def __init__(self, settings: Settings) -> None:
        self._window = settings.window_seconds

    def check(self, secret: str | None, headers: Mapping[str, str], body: bytes) -> None:
        """Raise BadSignature unless the company signed this body within the window. Without a secret there is no such
        company, and the check takes the same steps."""
        stamp = headers.get(TIMESTAMP_HEADER, "")
        expected = signature((secret or "no such company").encode(), stamp, body)
        offered = [part.strip() for part in headers.get(SIGNATURE_HEADER, "").split(",")]
        matches = [self.same(part.removeprefix(_PREFIX), expected) for part in offered if part.startswith(_PREFIX)]
        if not any(matches) or secret is None:
            raise BadSignature("bad_signature" if any(offered) else "no_signature")
        self.check_time(stamp)

    def same(self, offered: str, expected: str) -> bool:
        """Whether both are equal; the time does not tell how many characters are."""
        return hmac.compare_digest(offered.encode(), expected.encode())

    def check_time(self, stamp: str) -> None:
        """Raise BadSignature if the time stamp is not a number of seconds within the window."""
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= _MOST_DIGITS):
            raise BadSignature("no_timestamp" if not stamp else "bad_timestamp")
        age = int(time.time()) - int(stamp)
        if abs(age) > self._window:
            raise BadSignature("stale" if age > 0 else "future")


def signature(secret: bytes, stamp: str, body: bytes) -> str:
    """The signature in hexadecimal digits."""
    return hmac.new(secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
