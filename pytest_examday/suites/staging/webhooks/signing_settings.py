"""How webhooks are signed: the keys of `[env.NAME.staging.webhooks.signing]`, and presets for well-known senders."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from pytest_examday.contract.sent_headers import HeaderName, HeaderValue
from pytest_examday.contract.vocabulary import Mistake, placeholders_in, unknown_placeholders
from pytest_examday.record import DESCRIBED_FIELDS, Record
from pytest_examday.several_mistakes import several_mistakes

Preset = Literal["standard-webhooks", "github", "stripe", "slack"]
Algorithm = Literal["sha256", "sha1", "sha384", "sha512"]
TimestampUnit = Literal["seconds", "milliseconds", "iso"]
SecretFormat = Literal["text", "base64", "hex"]

PRESETS: dict[str, dict[str, Any]] = {
    "standard-webhooks": {
        "encoding": "base64",
        "header": "webhook-signature",
        "signed": "{id}.{timestamp}.{body}",
        "prefix": "v1,",
        "separator": " ",
        "timestamp_header": "webhook-timestamp",
        "id_header": "webhook-id",
        "secret_format": "base64",
        "secret_prefix": "whsec_",
    },
    "github": {
        "header": "X-Hub-Signature-256",
        "signed": "{body}",
        "prefix": "sha256=",
        "id_header": "X-GitHub-Delivery",
    },
    "stripe": {
        "header": "Stripe-Signature",
        "signed": "{timestamp}.{body}",
        "prefix": "v1=",
        "separator": ",",
        "header_value": "t={timestamp},{signatures}",
    },
    "slack": {
        "header": "X-Slack-Signature",
        "signed": "v0:{timestamp}:{body}",
        "prefix": "v0=",
        "timestamp_header": "X-Slack-Request-Timestamp",
    },
}
"""Name of a preset -> the keys that it sets. A key of the configuration wins over the preset."""

_SHORTEST_WINDOW = 10
"""Seconds. In a shorter window both edges would be tried at almost the same moment."""
_LONGEST_WINDOW = 86_400


class Signing(Record):
    """How a webhook is signed with HMAC, and which time stamps the service accepts."""

    model_config = DESCRIBED_FIELDS

    preset: Preset | None = None
    """The shape of a well-known sender. Other keys of this table win over it."""
    header: HeaderName
    """The header that holds the signature or signatures."""
    algorithm: Algorithm = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    """How the bytes of a signature are written."""
    signed: str = "{body}"
    """What is signed: a text with `{body}`, and with `{timestamp}` and `{id}` if they are signed too."""
    prefix: HeaderValue = ""
    """What stands before each signature, for instance `sha256=` or `v1=`."""
    separator: Annotated[HeaderValue, Field(min_length=1)] | None = None
    """What stands between several signatures in one header; without it the header holds one signature."""
    header_value: HeaderValue = "{signatures}"
    """The whole value of the header: a text with `{signatures}`, and with `{timestamp}` if the header holds it."""
    timestamp_header: HeaderName | None = None
    """The header that holds the time stamp. A time stamp may stand in `header_value` or in the body instead."""
    timestamp_unit: TimestampUnit = "seconds"
    """Seconds or milliseconds since the epoch, or an ISO 8601 text in UTC."""
    window_seconds: int = Field(300, ge=_SHORTEST_WINDOW, le=_LONGEST_WINDOW)
    """How old a time stamp may be."""
    future_seconds: int | None = Field(None, ge=0, le=_LONGEST_WINDOW)
    """How far in the future a time stamp may be; without it as far as `window_seconds`."""
    id_header: HeaderName | None = None
    """The header that holds the id of the webhook."""
    secret_format: SecretFormat = "text"  # noqa: S105 # a format
    """How the secrets of the senders are written: as the bytes of the text itself, in base64, or in hexadecimal."""
    secret_prefix: str = ""
    """What stands before a secret and is no part of it, for instance `whsec_`. It may be missing from a secret."""

    @model_validator(mode="before")
    @classmethod
    def _with_preset(cls, given: Any) -> Any:
        preset = given.get("preset") if isinstance(given, dict) else None
        if not isinstance(preset, str):
            return given
        # The mistake in a misspelled preset is not told a second time as a missing header.
        return {**PRESETS.get(preset, {"header": "-"}), **given}

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        mistakes: list[Mistake] = [
            *unknown_placeholders(("signed",), self.signed, ("body", "timestamp", "id")),
            *unknown_placeholders(("header_value",), self.header_value, ("signatures", "timestamp")),
        ]
        if "body" not in placeholders_in(self.signed):
            mistakes.append((("signed",), "has no {body}: a signature has to cover the body"))
        if "signatures" not in placeholders_in(self.header_value):
            mistakes.append((("header_value",), "has no {signatures}"))
        if mistakes:
            raise several_mistakes(mistakes)
        return self

    @property
    def future(self) -> int:
        """How far in the future a time stamp may be, in seconds."""
        return self.window_seconds if self.future_seconds is None else self.future_seconds

    @property
    def stamps_header(self) -> bool:
        """Whether the time stamp stands in a header: its own or that of the signature."""
        return self.timestamp_header is not None or "timestamp" in placeholders_in(self.header_value)
