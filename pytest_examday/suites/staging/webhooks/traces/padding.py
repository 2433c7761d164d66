"""Finds out whether omitted fields are stored after all, for instance encrypted: longer fields would make the stored
rows longer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.webhooks.evidence import Padding
from pytest_examday.suites.staging.webhooks.webhook import RANDOM_CHARACTERS, WebhookMaker, random_text

if TYPE_CHECKING:  # a line reads `is_stored`, and judging loads no client of a database
    from pytest_examday.suites.staging.webhooks.delivery import Delivery
    from pytest_examday.suites.staging.webhooks.stored import StoredEffects
    from pytest_examday.suites.staging.webhooks.traces.tables import TableSearch

_NOISE = 4
"""Two ordinary webhooks may differ by a quarter of the padding; otherwise others write meanwhile."""


@dataclass(frozen=True)
class PaddingTrial:
    """Sends an ordinary webhook, one with longer fields, and an ordinary one again, and measures what each leaves in
    all tables."""

    maker: WebhookMaker
    delivery: "Delivery"
    effects: "StoredEffects"
    tables: "TableSearch"

    def run(self) -> Padding | None:
        """What was measured; None if the configuration names no omitted field, or no padding."""
        settings = self.maker.settings
        omitted = [name for name, field in settings.fields.items() if field.stored == "omitted"]
        if not omitted or not settings.padding_bytes:
            return None
        longer = RANDOM_CHARACTERS + -(-settings.padding_bytes // len(omitted))
        padded = WebhookMaker(
            settings,
            self.maker.base_url,
            {**self.maker.canaries, **{name: random_text(longer) for name in omitted}},
        )
        added = (longer - RANDOM_CHARACTERS) * len(omitted)
        try:
            first, long, last = (self._left_by(maker) for maker in (self.maker, padded, self.maker))
        except Unmeasurable as reason:
            return Padding(added=added, untried=str(reason))
        if abs(first - last) > added / _NOISE:
            return Padding(added=added, untried="others write to the tables, so rows cannot be compared")
        return Padding(added=added, row_bytes=max(first, last), padded_row_bytes=long)

    def _left_by(self, maker: WebhookMaker) -> int:
        """The bytes that a webhook leaves in all tables. Raises Unmeasurable if it is not processed."""
        request, since = maker.make().signed(), self.tables.moment()
        seen = self.delivery.send(request)
        if not seen.is_accepted:
            what = "an ordinary webhook" if maker is self.maker else "a webhook with longer fields"
            raise Unmeasurable(f"{what} was not accepted: {seen.in_words}; padding_bytes = 0 leaves this out")
        if not self.effects.wait_for(request.webhook_id, request.sender, maker.settings.deadline_seconds):
            raise Unmeasurable("a webhook left no effect")
        return self.tables.fresh_bytes(since)
