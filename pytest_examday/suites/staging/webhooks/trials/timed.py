"""Webhooks with old, future and missing time stamps, and old ones with a new time stamp."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from pytest_examday.suites.staging.webhooks.reply import Delivered
from pytest_examday.suites.staging.webhooks.signing import signature, stamp
from pytest_examday.suites.staging.webhooks.trials.planned import Planned
from pytest_examday.suites.staging.webhooks.webhook import Request, Webhook, WebhookMaker

_INSIDE, _OUTSIDE = 2, 3
"""Seconds: how far inside or outside of an edge of the window a time stamp is."""
_LEAST_FUTURE = 5
"""Seconds into the future that must be allowed, for a trial inside of that edge."""
_DAY, _YEAR = 86_400, 365 * 86_400
_UNCERTAIN_SECONDS = 0.6
"""How exactly the clock of the service is known, if it differs from ours; its replies tell whole seconds."""
_SAME_CLOCK_SECONDS = 1.5
"""Clocks that differ by less are taken for equal: the difference may be the rounding of the reply's date."""


@dataclass(frozen=True)
class ServiceClock:
    """The clock of the service, by its replies. Seconds."""

    ahead: float = 0.0
    uncertain: float = 0.0

    @classmethod
    def by(cls, offsets: Iterable[float]) -> "ServiceClock":
        """The clock by several replies, each of which says how far it is ahead; the same as ours if that is little, or
        if no reply says it. The date of a reply may be late, but never early, so the greatest offset counts."""
        ahead = max(offsets, default=0.0)
        return cls() if abs(ahead) < _SAME_CLOCK_SECONDS else cls(ahead, _UNCERTAIN_SECONDS)

    def now(self) -> float:
        """The present moment by the clock of the service."""
        return time.time() + self.ahead


def timed_trials(maker: WebhookMaker, clock: ServiceClock) -> Iterator[Planned]:
    """All trials of time stamps; none if webhooks have no time stamp."""
    if not maker.has_timestamp:
        return
    window, future = maker.settings.signing.window_seconds, maker.settings.signing.future
    yield _inside(maker, clock, "just inside of the window", -(window - _INSIDE), window)
    yield _outside(maker, clock, "just outside of the window", -(window + _OUTSIDE))
    ages = {"twice as old as the window": 2 * window, "a day old": window + _DAY, "a year old": _YEAR}
    for name, age in ages.items():
        yield _outside(maker, clock, name, -age)
    yield Planned("old, with a new time stamp", "replay", "refused", partial(_stamped_again, maker, clock))
    if future >= _LEAST_FUTURE:
        yield _inside(maker, clock, "in the future, just inside of the window", future - _INSIDE, future)
    # A time stamp comes nearer while its webhook is under way.
    late = future + _OUTSIDE
    yield _outside(maker, clock, "in the future, just outside of the window", late, future)
    yield _outside(maker, clock, "a day in the future", future + _DAY, future)
    missing: dict[str, Callable[[WebhookMaker], Request]] = {
        "without a time stamp": _without,
        "without a time stamp, signed so": _signed_without,
        "without a time stamp, only its body signed": _body_alone,
        "with an empty time stamp, signed so": partial(_signed_with, ""),
        "with a time stamp that is no time, signed so": partial(_signed_with, "yesterday"),
    }
    for name, make in missing.items():
        yield Planned(name, "timestamp", "refused", partial(make, maker))


def _inside(maker: WebhookMaker, clock: ServiceClock, name: str, shift: int, limit: int) -> Planned:
    sent: list[float] = []

    def make() -> Request:
        sent.append(float(int(clock.now() + shift)))
        return maker.make(moment=sent[-1]).signed()

    def spoilt(seen: Delivered) -> str:
        age = seen.ended + clock.ahead + clock.uncertain - sent[-1]
        late = "the exchange took so long that its time stamp may have left the window meanwhile"
        return late if shift < 0 and age > limit else ""

    return Planned(name, "replay" if shift < 0 else "timestamp", "processed", make, spoilt)


def _outside(maker: WebhookMaker, clock: ServiceClock, name: str, shift: int, limit: int = 0) -> Planned:
    sent: list[float] = []

    def make() -> Request:
        # Time stamps are whole seconds, rounded down; one in the future is rounded up.
        sent.append(float(int(clock.now() + shift)) + (shift > 0))
        return maker.make(moment=sent[-1]).signed()

    def spoilt(seen: Delivered) -> str:
        ahead = sent[-1] - (seen.ended + clock.ahead + clock.uncertain)
        late = "the exchange took so long that its time stamp may have entered the window meanwhile"
        return late if shift > 0 and ahead <= limit else ""

    return Planned(name, "replay" if shift < 0 else "timestamp", "refused", make, spoilt)


def _stamped_again(maker: WebhookMaker, clock: ServiceClock) -> Request:
    """A webhook that somebody has kept, sent later with its old signature and a new time stamp."""
    signing = maker.settings.signing
    old = maker.make(moment=clock.now() - 2 * signing.window_seconds)
    new = replace(old, timestamp=stamp(clock.now(), signing.timestamp_unit))
    if maker.stamps_body:
        new = maker.make(webhook_id=old.webhook_id, moment=clock.now())
    return new.signed([old.signature()])


def _without(maker: WebhookMaker) -> Request:
    """Signed as usual; the time stamp is left out of the request."""
    webhook = maker.make()
    return _unstamped(replace(webhook, timestamp=""), webhook.signature())


def _signed_without(maker: WebhookMaker) -> Request:
    webhook = maker.make(timestamp="")
    return _unstamped(webhook, webhook.signature())


def _body_alone(maker: WebhookMaker) -> Request:
    webhook = maker.make(timestamp="")
    alone = maker.settings.signing.model_copy(update={"signed": "{body}"})
    made = signature(alone, webhook.secret, webhook.body, webhook_id=webhook.webhook_id, timestamp="")
    return _unstamped(webhook, made)


def _unstamped(webhook: Webhook, made: str) -> Request:
    """A request whose headers have no place for a time stamp."""
    signing = webhook.settings.signing.model_copy(update={"timestamp_header": None, "header_value": "{signatures}"})
    settings = webhook.settings.model_copy(update={"signing": signing})
    return replace(webhook, settings=settings).signed([made])


def _signed_with(timestamp: str, maker: WebhookMaker) -> Request:
    webhook = maker.make(timestamp=timestamp)
    request = webhook.signed()
    header = maker.settings.signing.timestamp_header
    return request if header is None else replace(request, headers={**request.headers, header: timestamp})
