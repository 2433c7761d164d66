"""Signs webhooks with HMAC of the standard library."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime

from pytest_examday.contract.templates import fill
from pytest_examday.contract.vocabulary import PLACEHOLDER
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.webhooks.signing_settings import Signing, TimestampUnit


def secret_bytes(secret: str, signing: Signing, sender: str) -> bytes:
    """The key of the HMAC. Raises Unmeasurable if the secret is not written in the configured format."""
    written = secret.removeprefix(signing.secret_prefix) if signing.secret_prefix else secret
    try:
        if signing.secret_format == "base64":  # noqa: S105 # a format
            return base64.b64decode(written, validate=True)
        in_hexadecimal = signing.secret_format == "hex"  # noqa: S105 # a format
        return bytes.fromhex(written) if in_hexadecimal else written.encode()
    except (binascii.Error, ValueError):
        raise Unmeasurable(
            f"webhooks.senders: the secret of {sender} is not written in {signing.secret_format}, as "
            f"webhooks.signing.secret_format says"
        ) from None


def stamp(moment: float, unit: TimestampUnit) -> str:
    """The time stamp of a moment (seconds since the epoch), rounded down to the unit."""
    if unit == "iso":
        return datetime.fromtimestamp(int(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(int(moment * 1000) if unit == "milliseconds" else int(moment))


def signature(
    signing: Signing, secret: bytes, body: bytes, *, webhook_id: str, timestamp: str, algorithm: str | None = None
) -> str:
    """One signature without its prefix. `algorithm` is another one than that of the configuration, if given."""
    values = {"body": body, "id": webhook_id.encode(), "timestamp": timestamp.encode()}
    # Even parts are plain text, odd ones the names of placeholders.
    parts = PLACEHOLDER.split(signing.signed)
    signed = b"".join(values[part] if number % 2 else part.encode() for number, part in enumerate(parts))
    made = hmac.new(secret, signed, getattr(hashlib, algorithm or signing.algorithm)).digest()
    return made.hex() if signing.encoding == "hex" else base64.b64encode(made).decode()


def header_value(signing: Signing, signatures: Sequence[str], timestamp: str) -> str:
    """The value of the header that holds these signatures."""
    joined = (signing.separator or " ").join(f"{signing.prefix}{one}" for one in signatures)
    return str(fill(signing.header_value, {"signatures": joined, "timestamp": timestamp}))
