"""Sends the webhooks of trials, and looks for what they have stored."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pytest_examday.suites.staging.webhooks.delivery import Delivery
from pytest_examday.suites.staging.webhooks.evidence import WebhookTrial
from pytest_examday.suites.staging.webhooks.reply import Delivered, clock_offset
from pytest_examday.suites.staging.webhooks.settings import Sender, Webhooks
from pytest_examday.suites.staging.webhooks.stored import StoredEffects
from pytest_examday.suites.staging.webhooks.trials.planned import Planned
from pytest_examday.suites.staging.webhooks.webhook import Request

_TRIES = 3
"""How often a trial is begun again if its exchange took too long to try what it should."""


_REPEATS = 2
"""How often a refused webhook is sent again if the number of effects rose meanwhile."""


@dataclass
class TrialRunner:
    """Makes trials one after the other. `found` then says what each webhook has left."""

    settings: Webhooks
    delivery: Delivery
    effects: StoredEffects
    attributed_rises: int = 0
    """Effects of refused webhooks that were seen only in the number of all effects."""
    offsets: list[float] = field(default_factory=list)
    """By how many seconds the clock of the service is ahead, by each reply."""
    _count: int | None = None
    _made: list[tuple[WebhookTrial, Request]] = field(default_factory=list)

    def run(self, planned: Planned) -> tuple[WebhookTrial, Delivered, Request]:
        """Make one trial. The effect of a webhook that has to be processed is waited for."""
        for _ in range(_TRIES):
            trial, seen, request = self._once(planned)
            if not trial.untried:
                break
        self._made.append((trial, request))
        return trial, seen, request

    def run_all(self, planned: Iterable[Planned]) -> None:
        """Make these trials."""
        for one in planned:
            self.run(one)

    def found(self) -> tuple[WebhookTrial, ...]:
        """All trials that were made, with the effects that were found for them by now."""
        return tuple(trial.model_copy(update={"rows": self._rows(request)}) for trial, request in self._made)

    def _once(self, planned: Planned) -> tuple[WebhookTrial, Delivered, Request]:
        processed = planned.expected == "processed"
        sender = self.settings.senders[0]
        before = 0 if processed else self._counted(sender)
        request = planned.make()
        seen = self.delivery.send(request)
        offset = clock_offset(seen)
        self.offsets += () if offset is None else (offset,)
        trial = trial_of(planned, seen)
        if processed:
            if trial.was_accepted and not trial.untried:
                deadline = self.settings.deadline_seconds
                rows = self.effects.wait_for(request.webhook_id, request.sender, deadline)
                trial = trial.model_copy(update={"rows": rows})
            self._count = None
            return trial, seen, request
        self._count = self.effects.count(sender)
        rose = self._count - before
        if rose > 0 and not self._rows(request):
            # Somebody else may have written; what the service does, it does each time.
            rises = [self._rise(planned, sender) for _ in range(_REPEATS)]
            again = max(min(rises), 0)
            self.attributed_rises += rose + sum(rises)
            trial = trial.model_copy(update={"rose": rose, "rose_again": again})
        return trial, seen, request

    def _rise(self, planned: Planned, sender: Sender) -> int:
        before = self._counted(sender)
        request = planned.make()
        self.delivery.send(request)
        self._count = self.effects.count(sender)
        return self._count - before - self._rows(request)

    def _counted(self, sender: Sender) -> int:
        """The number of all effects after the last trial. What comes late is then seen at the next one."""
        if self._count is None:
            self._count = self.effects.count(sender)
        return self._count

    def _rows(self, request: Request) -> int:
        return len(self.effects.rows(request.webhook_id, request.sender))


def trial_of(planned: Planned, seen: Delivered) -> WebhookTrial:
    """The trial with its reply, before anything is looked for."""
    return WebhookTrial(
        name=planned.name,
        about=planned.about,
        expected=planned.expected,
        reply=seen.reply,
        no_reply=seen.no_reply,
        untried=planned.spoilt(seen),
    )


def settle(settings: Webhooks) -> None:
    """Wait for effects that must not come."""
    time.sleep(settings.settle_seconds)


def counted(replies: Sequence[Delivered]) -> dict[str, int]:
    """What was answered, in words -> how often."""
    found: dict[str, int] = {}
    for seen in replies:
        found[seen.in_words] = found.get(seen.in_words, 0) + 1
    return found
