"""A trial before it is made."""

from collections.abc import Callable
from dataclasses import dataclass

from pytest_examday.suites.staging.webhooks.evidence import About, Expected
from pytest_examday.suites.staging.webhooks.reply import Delivered
from pytest_examday.suites.staging.webhooks.webhook import Request


def as_planned(_: Delivered) -> str:
    """The default of `Planned.spoilt`: nothing can go wrong."""
    return ""


@dataclass(frozen=True)
class Planned:
    """One webhook to be sent, and what the service has to do with it."""

    name: str
    about: About
    expected: Expected
    make: Callable[[], Request]
    """Makes the request at the moment when it is sent, because it may hold the time."""
    spoilt: Callable[[Delivered], str] = as_planned
    """Says why the exchange did not try what it should, for instance because it took too long; empty if it did."""
