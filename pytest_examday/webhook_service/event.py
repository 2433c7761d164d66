"""An event as it arrives, and the few fields of it that are stored readably."""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

TYPES = ("payment_failed", "payment_succeeded", "customer_updated")
_CURRENCY = re.compile(r"[A-Z]{3}")
_REASON = re.compile(r"[a-z_]{1,40}")
_MOST_CHARACTERS = 200


class BadEvent(Exception):
    """The body of a webhook is not an event; the message tells its sender why."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a company. `person` and `document` must not be stored or logged readably."""

    external_id: str
    type: str
    person: str = field(repr=False)
    occurred_at: datetime | None
    minimal: dict[str, Any]
    document: dict[str, Any] = field(repr=False)


def parse(body: bytes) -> Event:
    """The event in the body of a webhook. Raises BadEvent."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise BadEvent("the body is not JSON, or nested too deeply") from None
    if not isinstance(document, dict):
        raise BadEvent("the body is not a JSON object")
    kind = document.get("type")
    if kind not in TYPES:
        raise BadEvent(f"type must be one of {', '.join(TYPES)}")
    return Event(
        external_id=_text(document, "id"),
        type=kind,
        person=_text(document, "person"),
        occurred_at=_time(document.get("occurred_at")),
        minimal=minimal(document.get("data")),
        document=document,
    )


def minimal(data: object) -> dict[str, Any]:
    """The amount, currency and reason of a payment, where they have the expected form, and nothing else."""
    if not isinstance(data, dict):
        return {}
    amount, currency, reason = data.get("amount"), data.get("currency"), data.get("reason")
    found: dict[str, Any] = {}
    if isinstance(amount, int | float) and not isinstance(amount, bool) and abs(amount) < 1e12:
        found["amount"] = amount
    if isinstance(currency, str) and _CURRENCY.fullmatch(currency):
        found["currency"] = currency
    if isinstance(reason, str) and _REASON.fullmatch(reason):
        found["reason"] = reason
    return found


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can store the text: it has no NUL and no half of a surrogate pair, which JSON can escape."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _text(document: dict[str, Any], key: str) -> str:
    value = document.get(key)
    if not isinstance(value, str) or not 0 < len(value) <= _MOST_CHARACTERS or not is_storable(value):
        raise BadEvent(f"{key} must be a text of 1 to {_MOST_CHARACTERS} characters")
    return value


def _time(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise BadEvent("occurred_at must be a time in ISO 8601") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
