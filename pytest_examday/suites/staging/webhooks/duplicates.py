"""Sends the same webhook several times: one after the other, at the same moment, and around the death of a worker."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.webhooks.delivery import Delivery
from pytest_examday.suites.staging.webhooks.evidence import Duplicates, DuplicatesAbout
from pytest_examday.suites.staging.webhooks.reply import Delivered
from pytest_examday.suites.staging.webhooks.settings import Webhooks
from pytest_examday.suites.staging.webhooks.stored import StoredEffects
from pytest_examday.suites.staging.webhooks.trials.run_trials import counted, settle
from pytest_examday.suites.staging.webhooks.webhook import Request, WebhookMaker

KillWorker = Callable[[], None]
"""Kills one worker of the service. Raises Unmeasurable if it cannot."""
_REPLAYS = 2
_PAUSE_SECONDS = 0.1
"""Between two tries while the service recovers."""


@dataclass(frozen=True)
class DuplicateTrials:
    """Sends duplicates, and counts the effects that they leave."""

    maker: WebhookMaker
    delivery: Delivery
    effects: StoredEffects

    @property
    def _settings(self) -> Webhooks:
        return self.maker.settings

    def replayed(self, request: Request) -> Duplicates:
        """A request that was processed, sent again as it was. What is answered is free."""
        replies = [self.delivery.send(request) for _ in range(_REPLAYS)]
        return self._seen("the same request again", "replay", request, replies, wrong=[], is_new=False)

    def sent_again(self, request: Request) -> Duplicates:
        """The webhook of a request that was processed, with a new time stamp and signature, as senders repeat it."""
        again = self.maker.make(webhook_id=request.webhook_id).signed()
        replies = [self.delivery.send(again)]
        wrong = self._wrong(replies)
        return self._seen("the same webhook, signed again", "idempotency", request, replies, wrong, is_new=False)

    def at_once(self) -> Duplicates:
        """Many requests with the same new webhook at the same moment, each over a connection of its own."""
        request = self.maker.make().signed()
        burst = self.delivery.send_at_once([request] * self._settings.duplicates)
        name = f"{self._settings.duplicates} at the same moment"
        replies = burst.replies
        if any(seen.is_accepted for seen in replies):
            self.effects.wait_for(request.webhook_id, request.sender, self._settings.deadline_seconds)
        return self._seen(name, "idempotency", request, replies, self._wrong(replies), burst.at_once)

    def around_a_death(self, kill: KillWorker) -> Duplicates:
        """Duplicates at the same moment, while a worker dies; then the sender repeats the webhook until it is accepted,
        and once more."""
        name, request = "while a worker was killed, and afterwards", self.maker.make().signed()
        with self.delivery.failures_are_ours():
            with ThreadPoolExecutor(1) as beside:
                killing = beside.submit(kill)
                replies = self.delivery.send_at_once([request] * self._settings.duplicates).replies
            untried = killing.exception()
            later = self._until_accepted(request)
        if isinstance(untried, Unmeasurable):
            seen = self._seen(name, "idempotency", request, [*replies, *later], wrong=[])
            return seen.model_copy(update={"untried": str(untried)})
        killing.result()
        wrong = self._wrong(later[-1:])
        if not wrong:
            later.append(self.delivery.send(self.maker.make(webhook_id=request.webhook_id).signed()))
            wrong = self._wrong(later[-1:])
        self.effects.wait_for(request.webhook_id, request.sender, self._settings.deadline_seconds)
        return self._seen(name, "idempotency", request, [*replies, *later], wrong)

    def _until_accepted(self, request: Request) -> list[Delivered]:
        """The replies until the webhook is accepted, or until the service has had its time to recover."""
        end = time.monotonic() + self._settings.recovery_seconds
        replies = [self.delivery.send(request)]
        while self._wrong(replies[-1:]) and time.monotonic() < end:
            time.sleep(_PAUSE_SECONDS)
            replies.append(self.delivery.send(request))
        return replies

    def _wrong(self, replies: Sequence[Delivered]) -> list[Delivered]:
        """The replies that no duplicate may get."""
        return [seen for seen in replies if not (seen.is_accepted or seen.status in self._settings.duplicate)]

    def _seen(
        self,
        name: str,
        about: DuplicatesAbout,
        request: Request,
        replies: Sequence[Delivered],
        wrong: Sequence[Delivered],
        at_once: int = 0,
        is_new: bool = True,
    ) -> Duplicates:
        settle(self._settings)
        return Duplicates(
            name=name,
            about=about,
            webhook_id=request.webhook_id,
            is_new=is_new,
            requests=len(replies),
            replies=counted(replies),
            wrong=counted([seen for seen in wrong if seen.reply is None or not seen.reply.limited]),
            limited=sum(seen.reply is not None and seen.reply.limited for seen in replies),
            at_once=at_once,
            rows=len(self.effects.rows(request.webhook_id, request.sender)),
        )
