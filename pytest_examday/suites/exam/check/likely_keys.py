"""The keys of the configuration that are likely to be wrong when an operation was not accepted."""

import re
from http import HTTPStatus

from pytest_examday.config.accounts import CountedAccounts
from pytest_examday.contract.operation import Operation
from pytest_examday.target.api import Reply
from pytest_examday.target.target import Target

HINTS = {400: "body", 404: "path", 405: "method", 415: "body", 422: "body"}
"""HTTP status of a refusal -> the key of the operation that is likely to be wrong."""
_LACKING = re.compile(
    r"required|missing|lacks?\b|(no such|unknown|unexpected) (method|field|param)|method not found", re.IGNORECASE
)
_HEADER = re.compile(r"header", re.IGNORECASE)
_TOKEN = re.compile(r"token|ticket|unauthori[sz]ed|unauthenticated|credential|(log|sign)(ged)?[ -]?in", re.IGNORECASE)
"""How platforms say that what was sent lacks a value or names an unknown one, and that they speak of a header or a
token."""


def likely_key(name: str, reply: Reply, *, entered_by: tuple[str, ...] = ()) -> str:
    """The key to correct, or "one of: …" with all keys that may be wrong if the reply does not tell which.

    `entered_by` are the keys of the account that tries to log in; empty for any other operation.
    """
    operation, key = reply.operation, f"contract.{name}"
    if reply.status is None or (reply.redirect is not None and reply.status >= 300):
        return "api_url"
    if reply.status < 300 and reply.status not in operation.success:
        return f"{key}.success = [{reply.status}]"
    return _by_words(key, reply) or _by_status(key, reply, entered_by)


def _by_words(key: str, reply: Reply) -> str | None:
    """The key that the platform's own words point to; None if they point to none, or if the status tells it."""
    if reply.status not in reply.operation.success and HINTS.get(reply.status or 0) != "body":
        return None
    said = _said(reply)
    if _HEADER.search(said):
        return one_of("contract.headers", f"{key}.headers")
    if _token_keys(reply) or not _LACKING.search(said):
        return None
    return f"{key}.{_sent(reply.operation)}"


def _by_status(key: str, reply: Reply, entered_by: tuple[str, ...]) -> str:
    operation = reply.operation
    sent = f"{key}.{_sent(operation)}"
    if reply.status in operation.success:
        sends = () if operation.method == "GET" else (sent,)
        return one_of(*entered_by, *sends, *_token_keys(reply), f"{key}.success_when")
    if reply.status == HTTPStatus.UNAUTHORIZED and operation.auth != "none":
        return one_of("contract.token_header", "contract.login.finds.access_token", key)
    hint = HINTS.get(reply.status or 0)
    if hint is not None:
        return sent if hint == "body" else f"{key}.{hint}"
    return one_of(*entered_by, sent) if entered_by else key


def one_of(*keys: str) -> str:
    """The keys in words; each is named once."""
    different = tuple(dict.fromkeys(keys))
    return different[0] if len(different) == 1 else f"one of: {', '.join(different)}"


def account_keys(target: Target) -> tuple[str, ...]:
    """The keys that say how the candidates' accounts are called."""
    key = f"env.{target.environment.name}.candidates"
    counted = isinstance(target.environment.candidates, CountedAccounts)
    return (f"{key}.email", f"{key}.password") if counted else (key,)


def _sent(operation: Operation) -> str:
    """The key of what the operation sends."""
    return "form" if operation.form is not None else "multipart" if operation.multipart is not None else "body"


def _token_keys(reply: Reply) -> tuple[str, ...]:
    """The key of the token, if one was sent and the platform's words may be about it."""
    return ("contract.token_header",) if reply.operation.auth != "none" and _TOKEN.search(_said(reply)) else ()


def _said(reply: Reply) -> str:
    return reply.words or reply.shown
