"""Every trial is what it says: what has to be refused is wrong by the rules of its scheme, and what has to be processed
is right by them. The library of Standard Webhooks, and a verifier by the documents of the other senders, are the
judges."""

import hashlib
import hmac
import time
from collections.abc import Callable

import pytest
from standardwebhooks import Webhook as Oracle
from standardwebhooks import WebhookVerificationError

from pytest_examday.suites.staging.webhooks.reply import Delivered, clock_offset, seconds_to_wait, tells_error
from pytest_examday.suites.staging.webhooks.settings import Webhooks
from pytest_examday.suites.staging.webhooks.trials.contents import content_trials
from pytest_examday.suites.staging.webhooks.trials.forged import forged_trials
from pytest_examday.suites.staging.webhooks.trials.planned import Planned
from pytest_examday.suites.staging.webhooks.trials.timed import ServiceClock, timed_trials
from pytest_examday.suites.staging.webhooks.webhook import Request, WebhookMaker
from tests.suites.staging.webhooks.conftest import settings

_URL = "http://127.0.0.1"
_SECRETS = ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2VjcmV0LW9mLWFub3RoZXItb25l")
_PLAIN_SECRETS = ("one secret", "another secret")
Verifier = Callable[[Request], bool]


def _webhooks(preset: str, secrets: tuple[str, str] = _PLAIN_SECRETS) -> Webhooks:
    senders = [
        {"name": name, "secret": secret, "values": {"company": name}}
        for name, secret in zip(("a", "b"), secrets, strict=True)
    ]
    return settings(signing={"preset": preset}, senders=senders, rate_limit=None)


def _by_library(request: Request) -> bool:
    try:
        Oracle(_SECRETS[0]).verify(request.body, {name.lower(): value for name, value in request.headers.items()})
    except (WebhookVerificationError, ValueError):
        return False
    return True


def _hex(text: str, body: bytes) -> str:
    return hmac.new(_PLAIN_SECRETS[0].encode(), text.encode() + body, hashlib.sha256).hexdigest()


def _is_fresh(stamp: str) -> bool:
    return stamp.isdigit() and abs(time.time() - int(stamp)) <= 300


def _by_github(request: Request) -> bool:
    given = request.headers.get("X-Hub-Signature-256", "")
    return hmac.compare_digest(given, f"sha256={_hex('', request.body)}")


def _by_slack(request: Request) -> bool:
    stamp = request.headers.get("X-Slack-Request-Timestamp", "")
    right = f"v0={_hex(f'v0:{stamp}:', request.body)}"
    return _is_fresh(stamp) and hmac.compare_digest(request.headers.get("X-Slack-Signature", ""), right)


def _by_stripe(request: Request) -> bool:
    parts = [part.partition("=") for part in request.headers.get("Stripe-Signature", "").split(",")]
    stamp = next((value for name, _, value in parts if name == "t"), "")
    given = [value for name, _, value in parts if name == "v1"]
    return _is_fresh(stamp) and _hex(f"{stamp}.", request.body) in given


SCHEMES: dict[str, tuple[Webhooks, Verifier]] = {
    "standard-webhooks": (_webhooks("standard-webhooks", _SECRETS), _by_library),
    "github": (_webhooks("github"), _by_github),
    "slack": (_webhooks("slack"), _by_slack),
    "stripe": (_webhooks("stripe"), _by_stripe),
}


def _trials(maker: WebhookMaker) -> list[Planned]:
    return [*forged_trials(maker), *timed_trials(maker, ServiceClock())]


@pytest.mark.parametrize("preset", SCHEMES)
def test_an_ordinary_webhook_is_right(preset: str) -> None:
    webhooks, verify = SCHEMES[preset]
    assert verify(WebhookMaker(webhooks, _URL).make().signed())


@pytest.mark.parametrize("preset", SCHEMES)
def test_what_has_to_be_refused_is_wrong_and_what_has_to_be_processed_is_right(preset: str) -> None:
    webhooks, verify = SCHEMES[preset]
    trials = _trials(WebhookMaker(webhooks, _URL))
    mistaken = [trial.name for trial in trials if verify(trial.make()) != (trial.expected == "processed")]
    assert mistaken == []
    assert {trial.name for trial in trials if trial.about == "signature" and trial.expected == "refused"}


@pytest.mark.parametrize("preset", SCHEMES)
def test_odd_contents_are_signed_rightly(preset: str) -> None:
    webhooks, verify = SCHEMES[preset]
    wrong = [trial.name for trial in content_trials(WebhookMaker(webhooks, _URL)) if not _signed(verify, trial)]
    assert wrong == []


def _signed(verify: Verifier, trial: Planned) -> bool:
    """Whether the request is right. The library reads the body as JSON too, so it cannot tell of other bodies."""
    request = trial.make()
    return verify(request) or (verify is _by_library and request.body[:1] not in (b"{", b"["))


def test_a_time_stamp_in_the_body_is_tried_in_the_body() -> None:
    signing = {"header": "X-Signature", "signed": "{body}"}
    maker = WebhookMaker(settings(signing=signing, body={"id": "{id}", "sent": "{timestamp}"}), _URL)
    requests = {trial.name: trial.make() for trial in timed_trials(maker, ServiceClock())}
    assert b'"sent":null' in requests["without a time stamp, signed so"].body
    assert b'"sent":"yesterday"' in requests["with a time stamp that is no time, signed so"].body
    assert not any("Timestamp" in name for name in requests["a year old"].headers)
    again = requests["old, with a new time stamp"]
    assert f'"sent":{int(time.time()) // 100}'.encode() in again.body


def test_without_a_time_stamp_there_are_no_trials_of_it() -> None:
    maker = WebhookMaker(_webhooks("github"), _URL)
    assert list(timed_trials(maker, ServiceClock())) == []


def test_a_trial_that_took_too_long_to_be_inside_of_the_window_was_not_made() -> None:
    maker = WebhookMaker(_webhooks("slack"), _URL)
    (inside,) = [trial for trial in timed_trials(maker, ServiceClock()) if trial.name == "just inside of the window"]
    inside.make()
    now = time.time()
    assert inside.spoilt(Delivered(now, now + 0.1, None)) == ""
    assert "took so long" in inside.spoilt(Delivered(now, now + 3, None))


def test_a_trial_that_took_too_long_to_be_in_the_future_was_not_made() -> None:
    maker = WebhookMaker(_webhooks("slack"), _URL)
    name = "in the future, just outside of the window"
    (outside,) = [trial for trial in timed_trials(maker, ServiceClock()) if trial.name == name]
    outside.make()
    now = time.time()
    assert outside.spoilt(Delivered(now, now + 0.1, None)) == ""
    assert "took so long" in outside.spoilt(Delivered(now, now + 5, None))


def test_a_service_with_another_clock_is_tried_by_its_own_clock() -> None:
    clock = ServiceClock.by([-40.2, -39.6, -44.0])
    assert (clock.ahead, clock.uncertain) == (-39.6, 0.6)
    webhook = WebhookMaker(_webhooks("slack"), _URL)
    (inside,) = [trial for trial in timed_trials(webhook, clock) if trial.name == "just inside of the window"]
    age = time.time() - 39.6 - int(inside.make().headers["X-Slack-Request-Timestamp"])
    assert 297 < age < 300


def test_a_late_date_of_one_reply_is_no_other_clock() -> None:
    assert ServiceClock.by([-2.4, -0.3, 0.4]) == ServiceClock()
    assert ServiceClock.by([]) == ServiceClock()
    assert clock_offset(Delivered(0, 0, None)) is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"error": "no"}', True),
        (b'{"errors": ["no"]}', True),
        (b'{"success": false}', True),
        (b'{"status": "FAILED"}', True),
        (b'{"error": null, "id": 1}', False),
        (b'{"status": "accepted"}', False),
        (b'{"ok": true}', False),
        (b'["error"]', False),
        (b"error", False),
        (b"", False),
    ],
)
def test_a_body_that_tells_an_error_is_recognised(body: bytes, expected: bool) -> None:
    assert tells_error(body) is expected


def test_the_wait_of_a_refusal_is_read_in_each_of_its_forms() -> None:
    assert seconds_to_wait("120") == 120
    assert 50 < (seconds_to_wait(str(int(time.time()) + 60)) or 0) <= 60
    assert (seconds_to_wait("Fri, 31 Dec 9999 23:59:59 GMT") or 0) > 10**9
    for value in (None, "", "0", "soon", "Fri, 31 Dec 1999 23:59:59 GMT", str(int(time.time()) - 60)):
        assert seconds_to_wait(value) is None
