"""Forged webhooks: without a signature, with a wrong one, or with one for something else."""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from secrets import token_bytes

from pytest_examday.suites.staging.webhooks.trials.planned import Planned
from pytest_examday.suites.staging.webhooks.webhook import Request, Webhook, WebhookMaker

_Forge = Callable[[Webhook], Request]

_ODD_SHAPES = {"array": b"[]", "text": b'"webhook"', "number": b"42", "null": b"null"}
"""JSON that is no event. Some services look at the signature only after they have read an event."""
_OTHER_ALGORITHM = {"sha256": "sha1", "sha1": "sha256", "sha384": "sha256", "sha512": "sha256"}


def forged_trials(maker: WebhookMaker) -> Iterator[Planned]:
    """Each way to forge a webhook; and if the header holds several signatures, a right one among wrong ones."""
    signing = maker.settings.signing
    ways: dict[str, _Forge] = {
        "no signature": lambda webhook: webhook.signed([]),
        "an empty signature": _empty_header,
        "a wrong signature": lambda webhook: webhook.signed([wrong_signature(webhook)]),
        "half of the right signature": lambda webhook: webhook.signed([_half(webhook.signature())]),
        "a signature by another secret": lambda webhook: webhook.signed([webhook.signature(secret=token_bytes(32))]),
        "a signature by an empty secret": lambda webhook: webhook.signed([webhook.signature(secret=b"")]),
        "a hash without a secret": lambda webhook: webhook.signed([_hash(webhook)]),
        "a signature by another algorithm": _other_algorithm,
    }
    for name, forge in ways.items():
        yield Planned(name, "signature", "refused", partial(_forged, maker, forge))
    yield Planned("a signature of another body", "signature", "refused", partial(_of_another_body, maker))
    yield Planned("a body that was changed after it was signed", "signature", "refused", partial(_tampered, maker))
    if len(maker.settings.senders) > 1:
        yield Planned("a signature by the secret of another sender", "signature", "refused", partial(_others, maker))
    for shape, body in _ODD_SHAPES.items():
        yield Planned(f"an unsigned {shape} in JSON", "signature", "refused", partial(_unsigned, maker, body))
    if signing.separator is not None:
        name = "a right signature after a wrong one"
        yield Planned(name, "signature", "processed", partial(_forged, maker, _right_among_wrong))
        name = "two wrong signatures"
        yield Planned(name, "signature", "refused", partial(_forged, maker, _two_wrong))


def wrong_signature(webhook: Webhook) -> str:
    """A random signature that looks like a right one."""
    return webhook.signature(secret=token_bytes(32), body=token_bytes(32))


def _forged(maker: WebhookMaker, forge: _Forge) -> Request:
    return forge(maker.make())


def _empty_header(webhook: Webhook) -> Request:
    request = webhook.signed()
    return replace(request, headers={**request.headers, webhook.settings.signing.header: ""})


def _half(signature: str) -> str:
    return signature[: len(signature) // 2]


def _hash(webhook: Webhook) -> str:
    """The hash of the body, which anybody can compute."""
    signing = webhook.settings.signing
    made = hashlib.new(signing.algorithm, webhook.body).digest()
    return made.hex() if signing.encoding == "hex" else b64encode(made).decode()


def _other_algorithm(webhook: Webhook) -> Request:
    """Signed with the right secret by another algorithm; a prefix that names the algorithm names the other one."""
    signing = webhook.settings.signing
    other = _OTHER_ALGORITHM[signing.algorithm]
    renamed = signing.model_copy(update={"prefix": signing.prefix.replace(signing.algorithm, other)})
    signed = replace(webhook, settings=webhook.settings.model_copy(update={"signing": renamed}))
    return signed.signed([webhook.signature(algorithm=other)])


def _of_another_body(maker: WebhookMaker) -> Request:
    webhook = maker.make()
    return webhook.signed([webhook.signature(body=maker.make().body)])


def _tampered(maker: WebhookMaker) -> Request:
    """The body of one webhook with another id in it, which then has to be looked for."""
    webhook = maker.make()
    other_id = maker.new_id()
    changed = webhook.body.replace(webhook.webhook_id.encode(), other_id.encode())
    if changed == webhook.body:  # the id stands in a header alone
        return replace(webhook, body=webhook.body + b" ").signed([webhook.signature()])
    return replace(webhook, body=changed, webhook_id=other_id).signed([webhook.signature()])


def _others(maker: WebhookMaker) -> Request:
    webhook = maker.make()
    other = replace(webhook, sender=maker.settings.senders[1])
    return webhook.signed([other.signature()])


def _unsigned(maker: WebhookMaker, body: bytes) -> Request:
    return replace(maker.make(), body=body).signed([])


def _right_among_wrong(webhook: Webhook) -> Request:
    return webhook.signed([wrong_signature(webhook), webhook.signature()])


def _two_wrong(webhook: Webhook) -> Request:
    return webhook.signed([wrong_signature(webhook), wrong_signature(webhook)])
