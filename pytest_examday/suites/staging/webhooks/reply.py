"""Reads replies to webhooks: whether the sender has to believe that the webhook was accepted."""

import json
import time
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

from pytest_examday.load.response import Response
from pytest_examday.suites.staging.webhooks.evidence import Reply

_ERROR_KEYS = ("error", "errors", "exception", "fault")
_SUCCESS_KEYS = ("ok", "success", "accepted", "valid")
_STATUS_KEYS = ("status", "state", "result")
_BAD_STATES = frozenset({"error", "failed", "failure", "invalid", "rejected", "unauthorized", "forbidden"})
_EPOCH_BEGINS = 10**9
"""Greater numbers are no waits but moments."""
_MOST_DIGITS = 12
_MOST_PARSED = 1024 * 1024
"""Bytes of a reply that is read as JSON; no reply that tells an error is longer."""


@dataclass(frozen=True)
class Delivered:
    """One request and what came back. Times are seconds since the epoch."""

    began: float
    ended: float
    reply: Reply | None
    no_reply: str = ""
    location: str | None = None
    """Where a redirect leads."""
    response: Response | None = None

    def header(self, name: str) -> str | None:
        """A header of the reply; None if there is none."""
        return None if self.response is None else self.response.header(name)

    @property
    def status(self) -> int | None:
        """The status, None without a reply."""
        return None if self.reply is None else self.reply.status

    @property
    def is_accepted(self) -> bool:
        """Whether the sender has to believe that the webhook was accepted."""
        return self.reply is not None and self.reply.says_accepted

    @property
    def in_words(self) -> str:
        """The reply in a few words, or why there was none."""
        return self.no_reply if self.reply is None else self.reply.in_words


@dataclass(frozen=True)
class Statuses:
    """What the statuses of replies mean."""

    success: tuple[int, ...]
    """Those of an accepted webhook."""
    limited: int = 429
    """That of a rate limit."""


def delivered(began: float, response: Response, statuses: Statuses) -> Delivered:
    """What came back."""
    status = response.status
    reply = Reply(
        status=status,
        accepted=status in statuses.success,
        tells_error=tells_error(response.body),
        limited=status == statuses.limited,
    )
    return Delivered(began, time.time(), reply, location=response.header("location"), response=response)


def undelivered(began: float, problem: BaseException) -> Delivered:
    """A request without a reply."""
    words = " ".join(str(problem).split())
    return Delivered(began, time.time(), None, f"no reply: {words or type(problem).__name__}")


def tells_error(content: bytes) -> bool:
    """Whether the body of a reply says that there was an error: it has `error`, or says that it is no success."""
    if len(content) > _MOST_PARSED:
        return False
    try:
        body: Any = json.loads(content)
    except (ValueError, RecursionError):
        return False
    if not isinstance(body, dict):
        return False
    named = {str(key).lower(): value for key, value in body.items()}
    return (
        any(named.get(key) for key in _ERROR_KEYS)
        or any(named.get(key) is False for key in _SUCCESS_KEYS)
        or any(str(named.get(key)).lower() in _BAD_STATES for key in _STATUS_KEYS)
    )


def clock_offset(seen: Delivered) -> float | None:
    """By how many seconds the clock of the service is ahead, by the header `Date` of a reply, which has whole seconds;
    None if there is none."""
    date = seen.header("date")
    if date is None:
        return None
    try:
        told = parsedate_to_datetime(date)
    except ValueError:
        return None
    moment = (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()
    return moment + 0.5 - (seen.began + seen.ended) / 2


def seconds_to_wait(value: str | None) -> float | None:
    """The seconds to wait by a header such as `Retry-After`, which holds a number of seconds, a date, or (as
    `X-RateLimit-Reset` may) seconds since the epoch; None if it names no time in the future."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        number = float(text[:_MOST_DIGITS])
        wait = number - time.time() if number > _EPOCH_BEGINS else number
    else:
        try:
            told = parsedate_to_datetime(text)
        except ValueError:
            return None
        wait = (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp() - time.time()
    return wait if wait > 0 else None
