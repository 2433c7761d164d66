"""Sends the requests of trials, and repeats those that get no clear reply."""

import time
from collections.abc import Callable

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate, reply_in_words
from pytest_examday.target.api import Reply

PATIENCE_SECONDS = 10.0
"""How long a call is repeated if the reply is a server error or a limit on requests."""
_PAUSE_SECONDS = 0.2
WRONG_PASSWORD = "not the password"  # noqa: S105 # it has to be wrong
Call = Callable[[], Reply]
"""A function that sends one request."""


def send_until_clear(call: Call, until: float | None = None) -> Reply:
    """The first reply that accepts or refuses a call; after `until` (monotonic seconds; 10 s from now if it is None)
    the last reply, whatever it is."""
    until = time.monotonic() + PATIENCE_SECONDS if until is None else until
    while not ((reply := call()).accepted or reply.refused) and time.monotonic() < until:
        time.sleep(_PAUSE_SECONDS)
    return reply


def require_accepted(call: Call, what: str) -> Reply:
    """The reply to a call that the trial needs. Raises Unmeasurable if the call is not accepted."""
    reply = send_until_clear(call)
    if not reply.accepted:
        raise Unmeasurable(f"{what}: {reply_in_words(reply)}")
    return reply


def give_answer(candidate: ProbeCandidate, number: int = 0, choice: int = 0) -> None:
    """Answer a question; raises Unmeasurable if the answer is not accepted."""
    require_accepted(lambda: candidate.answer(number, choice), "an answer was not accepted")


def submit_exam(candidate: ProbeCandidate) -> Reply:
    """The reply to a submit; raises Unmeasurable if it is not accepted."""
    return require_accepted(candidate.submit, "the exam could not be submitted")
