"""Uses up the rate limit of one sender, and looks at what is let through, refused, and left alone."""

import time
from dataclasses import dataclass
from itertools import islice

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.webhooks.delivery import Delivery
from pytest_examday.suites.staging.webhooks.evidence import RateLimitSeen, WebhookTrial
from pytest_examday.suites.staging.webhooks.reply import Delivered, seconds_to_wait
from pytest_examday.suites.staging.webhooks.settings import Sender, WebhookRateLimit
from pytest_examday.suites.staging.webhooks.stored import StoredEffects
from pytest_examday.suites.staging.webhooks.trials.forged import wrong_signature
from pytest_examday.suites.staging.webhooks.trials.planned import Planned
from pytest_examday.suites.staging.webhooks.trials.run_trials import counted, settle, trial_of
from pytest_examday.suites.staging.webhooks.webhook import Request, WebhookMaker

_FORGED = 5
"""Webhooks with a wrong signature before the others: if they count, fewer of the others are let through."""
_BEYOND = 10
"""Webhooks beyond the limit."""
_PAUSE_SECONDS = 0.05
"""Between two looks for effects."""


@dataclass(frozen=True)
class RateLimitTrial:
    """Sends more webhooks than the limit lets through."""

    maker: WebhookMaker
    delivery: Delivery
    effects: StoredEffects
    limit: WebhookRateLimit

    def run(self) -> RateLimitSeen:
        """Use up the limit. Raises Unmeasurable if it is used up already."""
        limit, sender = self.limit, self.maker.settings.sender(self.limit.sender)
        used = 0 if limit.used is None else self.effects.number("rate_limit.used", limit.used, sender)
        if used >= limit.count:
            raise Unmeasurable(
                f"webhooks.rate_limit: the limit of {sender.name} is used up already ({used} of {limit.count})"
            )
        before = self.effects.count(sender)
        began = time.monotonic()
        forged = self.delivery.send_all([self._forged(sender) for _ in range(_FORGED)])
        requests = [self.maker.make(sender=sender).signed() for _ in range(limit.count - used + _BEYOND)]
        replies = self.delivery.send_all(requests)
        seconds = time.monotonic() - began
        let_through = [seen for seen in replies if seen.is_accepted]
        refused = [(request, seen) for request, seen in zip(requests, replies, strict=True) if self._refuses(seen)]
        waits = [None if limit.header is None else seconds_to_wait(seen.header(limit.header)) for _, seen in refused]
        others = [seen for seen in replies if not seen.is_accepted and not self._refuses(seen)]
        other = self._other_sender()
        self._await_effects(sender, before + len(let_through))
        settle(self.maker.settings)
        stored = max(self.effects.count(sender) - before, 0)
        return RateLimitSeen(
            limit=limit.count,
            used_before=used,
            used_is_known=limit.used is not None,
            forged=len(forged),
            forged_replies=counted(forged),
            sent=len(requests),
            let_through=len(let_through),
            refused=len(refused),
            refusal_without_header=sum(wait is None for wait in waits) if limit.header is not None else 0,
            longest_wait_seconds=max((wait for wait in waits if wait is not None), default=None),
            window_seconds=limit.window_seconds,
            others=counted(others),
            stored=stored,
            refused_stored=sum(
                bool(self.effects.rows(request.webhook_id, sender)) for request, _ in islice(refused, _BEYOND * 2)
            ),
            other_sender=other,
            seconds=seconds,
        )

    def _forged(self, sender: Sender) -> Request:
        webhook = self.maker.make(sender=sender)
        return webhook.signed([wrong_signature(webhook)])

    def _await_effects(self, sender: Sender, count: int) -> None:
        end = time.monotonic() + self.maker.settings.deadline_seconds
        while self.effects.count(sender) < count and time.monotonic() < end:
            time.sleep(_PAUSE_SECONDS)

    def _refuses(self, seen: Delivered) -> bool:
        return seen.status == self.limit.status

    def _other_sender(self) -> WebhookTrial:
        sender = self.maker.settings.sender(self.limit.other)
        planned = Planned(
            f"a webhook of {sender.name}", "control", "processed", lambda: self.maker.make(sender=sender).signed()
        )
        request = planned.make()
        seen = self.delivery.send(request)
        trial = trial_of(planned, seen)
        if trial.was_accepted:
            deadline = self.maker.settings.deadline_seconds
            trial = trial.model_copy(update={"rows": self.effects.wait_for(request.webhook_id, sender, deadline)})
        return trial
