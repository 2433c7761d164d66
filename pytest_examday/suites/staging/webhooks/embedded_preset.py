"""The webhooks of the embedded webhook service, as a configuration would describe them."""

from collections.abc import Mapping
from typing import Any

from pytest_examday.suites.staging.webhooks.settings import Webhooks

_FEWEST_COMPANIES = 4


def embedded_webhooks(secrets: Mapping[str, str], accepted_per_hour: int, admin_token: str) -> Webhooks | None:
    """The webhooks of a service; `secrets` maps the ids of its companies to their secrets. The first company sends most
    webhooks, the last one uses up its limit. None if there are fewer than four companies."""
    if len(secrets) < _FEWEST_COMPANIES:
        return None
    companies = list(secrets)
    chosen = (*companies[:2], *companies[-2:])
    settings: dict[str, Any] = {
        "path": "/webhooks/{company}",
        "body": {
            "id": "{id}",
            "type": "{type}",
            "person": "{person}",
            "occurred_at": "{time}",
            "data": {"amount": 1200, "currency": "EUR", "reason": "card_declined", "name": "{name}", "card": "{card}"},
        },
        "type": "payment_failed",
        "signing": {
            "header": "X-Signature",
            "signed": "{timestamp}.{body}",
            "prefix": "v1=",
            "separator": ",",
            "timestamp_header": "X-Timestamp",
        },
        "senders": [
            {
                "name": f"company {companies.index(company) + 1}",
                "secret": secrets[company],
                "values": {"company": company},
            }
            for company in chosen
        ],
        "fields": {
            "person": {"value": "{random}@people.example"},
            "name": {"value": "Ada {random}"},
            "card": {"stored": "omitted"},
        },
        # The whole event is kept, encrypted; the minimal payload is what is stored beside it.
        "padding_bytes": 0,
        "stored": {
            "by_id": "SELECT * FROM events WHERE external_id = {id} AND company_id = {company}",
            "count": "SELECT count(*) FROM events WHERE company_id = {company}",
            "attributed": "SELECT c.id FROM recovery_cases c JOIN events e USING (company_id, person_ref) "
            "WHERE e.external_id = {id} AND e.company_id = {company}",
        },
        "deletion": {
            "path": "/privacy/deletions",
            "headers": {"Authorization": f"Bearer {admin_token}"},
            "body": {"company": "{company}", "person": "{person}"},
        },
        "too_large_bytes": 128 * 1024,
        "settle_seconds": 0.2,
        "rate_limit": {
            "count": accepted_per_hour,
            "sender": f"company {len(companies)}",
            "other": f"company {len(companies) - 1}",
            "used": "SELECT coalesce(sum(accepted), 0) FROM rate_limits WHERE company_id = {company} "
            "AND window_started_at > now() - interval '1 hour'",
        },
    }
    return Webhooks.model_validate(settings)
