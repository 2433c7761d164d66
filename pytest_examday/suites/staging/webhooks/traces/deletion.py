"""Asks the service to delete what it stores about a person, and looks for what is left."""

import json
import time
from dataclasses import dataclass

from pytest_examday.contract.templates import fill
from pytest_examday.suites.staging.webhooks.delivery import Delivery
from pytest_examday.suites.staging.webhooks.evidence import DeletionSeen
from pytest_examday.suites.staging.webhooks.settings import Deletion
from pytest_examday.suites.staging.webhooks.stored import StoredEffects
from pytest_examday.suites.staging.webhooks.traces.tables import TableSearch
from pytest_examday.suites.staging.webhooks.webhook import Request, Webhook, WebhookMaker, address

_PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class DeletionTrial:
    """Sends a webhook with random texts of its own, and then the request to delete. `maker` has these texts."""

    maker: WebhookMaker
    delivery: Delivery
    effects: StoredEffects
    tables: TableSearch
    deletion: Deletion

    def run(self) -> DeletionSeen:
        """What was left: rows, and random texts, also those of fields that may be stored plain."""
        settings, since = self.maker.settings, self.tables.moment()
        webhook = self.maker.make()
        request = webhook.signed()
        seen = self.delivery.send(request)
        if not seen.is_accepted:
            return DeletionSeen(untried=f"a webhook to be deleted was not accepted: {seen.in_words}")
        self.effects.wait_for(request.webhook_id, request.sender, settings.deadline_seconds)
        before = self._rows(webhook)
        if not before:
            return DeletionSeen(untried="a webhook to be deleted left no row that deletion.gone selects")
        asked = self.delivery.ask(self._request(webhook))
        end = time.monotonic() + settings.deadline_seconds
        while (after := self._rows(webhook)) and time.monotonic() < end:
            time.sleep(_PAUSE_SECONDS)
        search = self.tables.search(since, {name: (text,) for name, text in self.maker.canaries.items()}, ())
        return DeletionSeen(
            status=asked.status,
            accepted=asked.status in self.deletion.success,
            rows_before=before,
            rows_after=after,
            search=search,
        )

    def _rows(self, webhook: Webhook) -> int:
        query = self.deletion.gone or self.maker.settings.stored.by_id
        return len(self.effects.select("deletion.gone", query, webhook.sender, webhook.webhook_id))

    def _request(self, webhook: Webhook) -> Request:
        deletion, values = self.deletion, dict(webhook.values)
        url = address(self.maker.base_url, deletion.path, values)
        headers = {name: str(fill(value.get_secret_value(), values)) for name, value in deletion.headers.items()}
        content = b"" if deletion.body is None else json.dumps(fill(deletion.body, values)).encode()
        if deletion.body is not None:
            headers.setdefault("Content-Type", "application/json")
        return Request(webhook.webhook_id, webhook.sender, deletion.method, url, headers, content)
