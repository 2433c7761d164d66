"""Webhooks are signed as their senders say, shown by published examples and by the library of Standard Webhooks."""

from typing import Any

import pytest
from pydantic import ValidationError
from standardwebhooks import Webhook as Oracle

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.webhooks.signing import header_value, secret_bytes, signature, stamp
from pytest_examday.suites.staging.webhooks.signing_settings import PRESETS, Signing
from pytest_examday.suites.staging.webhooks.webhook import WebhookMaker
from tests.suites.staging.webhooks.conftest import settings

_SLACK_BODY = (
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
    "&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack"
    ".com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121"
    ".803a0bc887a14d10d2c447fce8b6703c"
)
_WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def _signed(signing: Signing, secret: str, body: str, webhook_id: str, timestamp: str) -> str:
    key = secret_bytes(secret, signing, "sender")
    made = signature(signing, key, body.encode(), webhook_id=webhook_id, timestamp=timestamp)
    return header_value(signing, [made], timestamp)


@pytest.mark.parametrize(
    ("preset", "secret", "body", "webhook_id", "timestamp", "expected"),
    [
        (
            "standard-webhooks",
            _WHSEC,
            '{"test": 2432232314}',
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
        (
            "github",
            "It's a Secret to Everybody",
            "Hello, World!",
            "",
            "",
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        ),
        (
            "slack",
            "8f742231b10e8888abcd99yyyzzz85a5",
            _SLACK_BODY,
            "",
            "1531420618",
            "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        ),
        # Stripe publishes no example. This one was made by `openssl dgst -sha256 -hmac` after its documentation.
        (
            "stripe",
            "webhook_secret",
            '{"id":"evt_123","object":"event"}',
            "",
            "1533204620",
            "t=1533204620,v1=f9c5324fb6df8f0f2dacb0dd827fc9130b1466579b7f9f3d664ad3a7e3041c99",
        ),
    ],
)
def test_a_preset_signs_as_its_sender_documents(
    preset: str, secret: str, body: str, webhook_id: str, timestamp: str, expected: str
) -> None:
    signing = Signing.model_validate({"preset": preset})
    assert _signed(signing, secret, body, webhook_id, timestamp) == expected


def test_every_preset_is_complete() -> None:
    for preset in PRESETS:
        assert Signing.model_validate({"preset": preset}).header


def test_the_library_of_standard_webhooks_accepts_what_is_sent() -> None:
    given = [{"name": "main", "secret": _WHSEC, "values": {"company": "main"}}]
    webhooks = settings(signing={"preset": "standard-webhooks"}, senders=given, rate_limit=None)
    request = WebhookMaker(webhooks, "http://127.0.0.1").make().signed()
    event = Oracle(_WHSEC).verify(request.body, dict(request.headers))
    assert event["id"] == request.webhook_id


def test_the_library_of_standard_webhooks_finds_the_right_signature_among_several() -> None:
    given = [{"name": "main", "secret": _WHSEC, "values": {"company": "main"}}]
    webhooks = settings(signing={"preset": "standard-webhooks"}, senders=given, rate_limit=None)
    webhook = WebhookMaker(webhooks, "http://127.0.0.1").make()
    request = webhook.signed([webhook.signature(secret=b"another"), webhook.signature()])
    assert Oracle(_WHSEC).verify(request.body, dict(request.headers))["id"] == request.webhook_id


def test_a_key_of_the_configuration_wins_over_the_preset() -> None:
    signing = Signing.model_validate({"preset": "github", "header": "X-Own", "algorithm": "sha1", "prefix": "sha1="})
    assert (signing.header, signing.prefix, signing.signed) == ("X-Own", "sha1=", "{body}")


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("seconds", "1614265330"), ("milliseconds", "1614265330250"), ("iso", "2021-02-25T15:02:10Z")],
)
def test_a_time_stamp_has_the_configured_unit(unit: Any, expected: str) -> None:
    assert stamp(1614265330.25, unit) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"secret_format": "text"}, b"abcd"),
        ({"secret_format": "hex"}, b"\xab\xcd"),
        ({"secret_format": "base64"}, b"i\xb7\x1d"),
        ({"secret_format": "text", "secret_prefix": "ab"}, b"cd"),
        ({"secret_format": "text", "secret_prefix": "zz"}, b"abcd"),
    ],
)
def test_a_secret_is_read_in_its_format(given: dict[str, str], expected: bytes) -> None:
    assert secret_bytes("abcd", Signing.model_validate({"header": "X", **given}), "sender") == expected


def test_a_secret_in_another_format_is_named_without_its_text() -> None:
    with pytest.raises(Unmeasurable, match="the secret of Bob is not written in base64") as refused:
        secret_bytes("not base64!", Signing.model_validate({"preset": "standard-webhooks"}), "Bob")
    assert "not base64!" not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"header": "X", "signed": "{timestamp}"}, "has no {body}"),
        ({"header": "X", "signed": "{body}{nonce}"}, "unknown placeholder {nonce}"),
        ({"header": "X", "header_value": "t={timestamp}"}, "has no {signatures}"),
        ({"header": "X", "window_seconds": 5}, "greater than or equal to 10"),
        ({"preset": "github", "header": "X Y"}, "is no name of a header"),
        ({}, "Field required"),
    ],
)
def test_a_mistake_in_the_signing_is_told(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message.replace("{", r"\{")):
        Signing.model_validate(given)
