"""Signatures that are checked badly."""

import hashlib
import hmac
import logging
import time
from collections.abc import Mapping

from pytest_examday.local_servers.json_logs import log_event
from pytest_examday.webhook_service.signatures import SIGNATURE_HEADER, TIMESTAMP_HEADER, Signatures, signature

from .defects import planted

_EARLIER_SECONDS = 7200
_LATER_SECONDS = 600


class LawlessSignatures(Signatures):
    """Lets through what must not pass."""

    def check(self, secret: str | None, headers: Mapping[str, str], body: bytes) -> None:
        """Check, or do not."""
        offered = headers.get(SIGNATURE_HEADER, "").removeprefix("v1=")
        stamp = headers.get(TIMESTAMP_HEADER, "")
        if secret is not None and self._passes(secret, offered, stamp, body):
            return
        super().check(secret, headers, body)

    def check_time(self, stamp: str) -> None:
        """Check the time stamp, or do not."""
        age = time.time() - int(stamp) if stamp.isdigit() and len(stamp) < 13 else 0.0
        if planted("dead-window") and age > 0.8 * self._window:
            log_event(logging.WARNING, "old_timestamp")
            return
        if planted("future-accepted") and age < 0:
            return
        super().check_time(stamp)

    def _passes(self, secret: str, offered: str, stamp: str, body: bytes) -> bool:
        if planted("any-signature") and offered and stamp:
            self.check_time(stamp)
            return True
        if planted("no-signature") and not offered:
            return True
        if planted("other-algorithm"):
            message = f"{stamp}.".encode() + body
            others = [hmac.new(secret.encode(), message, name).hexdigest() for name in ("sha1", "sha512")]
            if offered in others:
                return True
        if planted("timestamp-optional") and not stamp:
            alone = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
            return offered in {alone, signature(secret.encode(), "", body)}
        if planted("renewable-timestamp") and stamp:
            self.check_time(stamp)
            now = int(time.time())
            stamps = range(now - _EARLIER_SECONDS, now + _LATER_SECONDS)
            return any(signature(secret.encode(), str(moment), body) == offered for moment in stamps)
        return False
