"""Phase 2 as a whole: sends webhooks of all kinds to the service, and collects what it did with them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.webhooks.delivery import Delivery
from pytest_examday.suites.staging.webhooks.duplicates import DuplicateTrials, KillWorker
from pytest_examday.suites.staging.webhooks.evidence import (
    DeletionSeen,
    Duplicates,
    RateLimitSeen,
    TraceSearch,
    WebhooksEvidence,
    WebhookTrial,
)
from pytest_examday.suites.staging.webhooks.rate_limit import RateLimitTrial
from pytest_examday.suites.staging.webhooks.reply import Delivered, Statuses
from pytest_examday.suites.staging.webhooks.settings import Webhooks
from pytest_examday.suites.staging.webhooks.stored import StoredEffects, reading
from pytest_examday.suites.staging.webhooks.traces.deletion import DeletionTrial
from pytest_examday.suites.staging.webhooks.traces.dump import search_dump
from pytest_examday.suites.staging.webhooks.traces.logs import LogsSince
from pytest_examday.suites.staging.webhooks.traces.padding import PaddingTrial
from pytest_examday.suites.staging.webhooks.traces.tables import TableSearch
from pytest_examday.suites.staging.webhooks.trials.contents import content_trials, left_out
from pytest_examday.suites.staging.webhooks.trials.forged import forged_trials
from pytest_examday.suites.staging.webhooks.trials.planned import Planned
from pytest_examday.suites.staging.webhooks.trials.run_trials import TrialRunner, settle
from pytest_examday.suites.staging.webhooks.trials.timed import ServiceClock, timed_trials
from pytest_examday.suites.staging.webhooks.webhook import Request, WebhookMaker

Say = Callable[[str], None]
_ID = "id"
"""The name under which searches look for the ids of webhooks, which show that they are not blind."""


@dataclass(frozen=True)
class WebhookService:
    """A service as this process reaches it."""

    settings: Webhooks
    api_url: str | None
    database_url: str
    log_files: tuple[str, ...] = ()
    kill_worker: KillWorker | None = None
    say: Say = field(default=lambda _: None)
    """Shows progress."""


def measure(service: WebhookService) -> WebhooksEvidence:
    """Send all webhooks and collect what came of them.

    Raises Unmeasurable if the service or its database cannot be reached, if the address of the webhooks redirects, or
    if the configuration does not fit to the database.
    """
    settings = service.settings
    statuses = Statuses(settings.success, 429 if settings.rate_limit is None else settings.rate_limit.status)
    maker = WebhookMaker(settings, service.api_url)
    with reading(service.database_url) as connection, Delivery(statuses, settings.timeout_seconds) as delivery:
        return _Measurement(
            service=service,
            maker=maker,
            forgotten=WebhookMaker(settings, service.api_url),
            delivery=delivery,
            effects=StoredEffects(connection, settings.stored),
            tables=TableSearch(connection, settings.stored.schemas),
        ).run()


@dataclass
class _Measurement:
    """One measurement; `run` makes its parts in an order in which none disturbs the next."""

    service: WebhookService
    maker: WebhookMaker
    forgotten: WebhookMaker
    """Makes the webhook that is deleted again, with random texts of its own."""
    delivery: Delivery
    effects: StoredEffects
    tables: TableSearch

    def run(self) -> WebhooksEvidence:
        """Send everything. If an ordinary webhook is not processed, nothing else is sent: it would prove nothing."""
        logs, since = LogsSince(self.service.log_files), self.tables.moment()
        before = self.effects.count(self._settings.senders[0])
        self.service.say("webhooks: an ordinary one")
        control, seen, request = self._runner.run(self._ordinary("an ordinary webhook"))
        _refuse_elsewhere(seen)
        if not control.was_processed:
            hidden = self.effects.hidden_table(request.webhook_id, request.sender) if control.was_accepted else ""
            return self._evidence(trials=self._runner.found(), rows_hidden=hidden)
        others_write = self._others_write()
        self.service.say("webhooks: forged, old, future and odd ones")
        self._make_trials()
        self.service.say("webhooks: duplicates")
        duplicates = tuple(self._duplicates(request))
        trials = self._runner.found()
        unexplained = self._unexplained(before, trials, duplicates)
        attributed, attribution_untried = self._attributed(request)
        self.service.say("webhooks: random texts are searched for in tables and a dump")
        padding = PaddingTrial(self.maker, self.delivery, self.effects, self.tables).run()
        texts = {**self._texts, _ID: (request.webhook_id,)}
        plain = {name for name, one in self._settings.fields.items() if one.stored == "plain"}
        tables = self.tables.search(since, texts, {_ID, *plain})
        dump = search_dump(self.service.database_url, texts, frozenset({_ID, *plain}))
        deletion = self._deletion()
        limit, limit_untried = self._rate_limit()
        settle(self._settings)
        return self._evidence(
            trials=trials,
            others_write=others_write,
            duplicates=duplicates,
            unexplained=unexplained,
            attributed=attributed,
            attribution_untried=attribution_untried,
            padding=padding,
            tables=tables,
            dump=dump,
            deletion=deletion,
            rate_limit=limit,
            rate_limit_untried=limit_untried,
            logs=logs.search({name: of for name, of in self._texts.items() if name not in plain}),
        )

    @property
    def _settings(self) -> Webhooks:
        return self.service.settings

    @cached_property
    def _runner(self) -> TrialRunner:
        return TrialRunner(self._settings, self.delivery, self.effects)

    @cached_property
    def _texts(self) -> Mapping[str, tuple[str, ...]]:
        """The random texts of each field."""
        makers = (self.maker, self.forgotten)
        return {name: tuple(maker.canaries[name] for maker in makers) for name in self._settings.fields}

    def _ordinary(self, name: str) -> Planned:
        return Planned(name, "control", "processed", lambda: self.maker.make().signed())

    def _others_write(self) -> bool:
        """Whether effects come or go while nothing is sent."""
        sender = self._settings.senders[0]
        before = self.effects.count(sender)
        settle(self._settings)
        return self.effects.count(sender) != before

    def _make_trials(self) -> None:
        self._runner.run_all(forged_trials(self.maker))
        self._runner.run_all(timed_trials(self.maker, ServiceClock.by(self._runner.offsets)))
        self._runner.run_all(content_trials(self.maker))
        # Its effect comes after those of all webhooks before it, if the service processes them in turn.
        self._runner.run(self._ordinary("an ordinary webhook after all others"))
        settle(self._settings)

    def _duplicates(self, request: Request) -> Iterator[Duplicates]:
        trials = DuplicateTrials(self.maker, self.delivery, self.effects)
        yield trials.replayed(request)
        yield trials.sent_again(request)
        yield trials.at_once()
        if self.service.kill_worker is not None:
            self.service.say("webhooks: duplicates while a worker is killed")
            yield trials.around_a_death(self.service.kill_worker)

    def _unexplained(self, before: int, trials: tuple[WebhookTrial, ...], duplicates: tuple[Duplicates, ...]) -> int:
        """How many effects there are beyond those of all webhooks that were sent."""
        rose = self.effects.count(self._settings.senders[0]) - before
        own = sum(trial.rows or 0 for trial in trials) + sum(one.rows or 0 for one in duplicates if one.is_new)
        return max(rose - own - self._runner.attributed_rises, 0)

    def _attributed(self, request: Request) -> tuple[int | None, str]:
        if self._settings.stored.attributed is None:
            return None, "webhooks.stored.attributed is not set"
        seconds = self._settings.deadline_seconds
        return self.effects.wait_for(request.webhook_id, request.sender, seconds, attributed=True), ""

    def _deletion(self) -> DeletionSeen | None:
        deletion = self._settings.deletion
        if deletion is None:
            return None
        self.service.say("webhooks: a deletion request")
        return DeletionTrial(self.forgotten, self.delivery, self.effects, self.tables, deletion).run()

    def _rate_limit(self) -> tuple[RateLimitSeen | None, str]:
        limit = self._settings.rate_limit
        if limit is None:
            return None, "webhooks.rate_limit is not set"
        self.service.say(f"webhooks: more than {limit.words} of one sender")
        try:
            return RateLimitTrial(self.maker, self.delivery, self.effects, limit).run(), ""
        except Unmeasurable as reason:
            return None, str(reason)

    def _evidence(
        self,
        *,
        trials: tuple[WebhookTrial, ...],
        duplicates: tuple[Duplicates, ...] = (),
        rate_limit: RateLimitSeen | None = None,
        rate_limit_untried: str = "",
        tables: TraceSearch | None = None,
        **more: Any,
    ) -> WebhooksEvidence:
        lost = sum(trial.was_accepted and trial.expected == "processed" and not trial.rows for trial in trials)
        of_limit = RateLimitSeen.nothing() if rate_limit is None else rate_limit
        return WebhooksEvidence(
            sent=self.delivery.sent,
            processed=sum(trial.was_processed for trial in trials)
            + sum(bool(one.rows) for one in duplicates if one.is_new)
            + of_limit.stored,
            errors=self.delivery.failed + lost + of_limit.lost,
            trials=trials,
            left_out=tuple(left_out(self.maker)),
            has_timestamp=self.maker.has_timestamp,
            fields={name: one.stored for name, one in self._settings.fields.items()},
            duplicates=duplicates,
            rate_limit=rate_limit,
            rate_limit_untried=rate_limit_untried,
            tables=TraceSearch() if tables is None else tables,
            **more,
        )


def _refuse_elsewhere(seen: Delivered) -> None:
    """Raise Unmeasurable if the first webhook reached no service, or was sent on to another address."""
    if seen.reply is None:
        raise Unmeasurable(f"the address of the webhooks: {seen.no_reply}")
    if seen.reply.status in range(300, 400):
        raise Unmeasurable(
            f"the address of the webhooks redirects (HTTP {seen.reply.status}) to {seen.location or 'nowhere'}; write "
            f"that address"
        )
