"""Webhooks that are signed rightly and whose content is odd: empty, huge, not JSON, of an unknown type."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from pytest_examday.suites.staging.webhooks.evidence import HUGE, Expected
from pytest_examday.suites.staging.webhooks.trials.planned import Planned
from pytest_examday.suites.staging.webhooks.webhook import Request, WebhookMaker

_UNKNOWN_TYPE = "examday.unknown"


def content_trials(maker: WebhookMaker) -> Iterator[Planned]:
    """All trials of odd contents that the configuration allows."""
    for name, body in {
        "an empty body": b"",
        "a body that is not JSON": b"this is {not JSON",
        "a signed array": b"[]",
        "a signed object without fields": b"{}",
    }.items():
        yield Planned(name, "content", "refused", partial(_with_body, maker, body))
    yield Planned(HUGE, "content", "refused", partial(_huge, maker))
    if maker.has_type:
        expected: Expected = "refused" if maker.settings.unknown_type == "refused" else "not stored"
        yield Planned("an unknown type", "content", expected, partial(_unknown_type, maker))


def left_out(maker: WebhookMaker) -> Iterator[str]:
    """The trials that the configuration does not allow, each with the reason."""
    if not maker.has_type:
        yield "an unknown type: webhooks.body has no {type}"
    if len(maker.settings.senders) < 2:
        yield "the secret of another sender: webhooks.senders has one sender"


def _with_body(maker: WebhookMaker, body: bytes) -> Request:
    return replace(maker.make(), body=body).signed()


def _huge(maker: WebhookMaker) -> Request:
    """A right body with blanks after it, which JSON allows."""
    webhook = maker.make()
    missing = max(maker.settings.too_large_bytes - len(webhook.body), 0)
    return replace(webhook, body=webhook.body + b" " * missing).signed()


def _unknown_type(maker: WebhookMaker) -> Request:
    return maker.make(type_name=_UNKNOWN_TYPE).signed()
