"""Requests of many actors sent together at the end of a turn of the event loop.

A platform on the same machine falls asleep between two single sends and has to be woken by each, which the sender pays
for. In the meantime the event loop also sees what has come in, so an end of the connection is known before it is used.
"""

import asyncio
from typing import Protocol


class Sender(Protocol):
    """Something that has a request to send."""

    def dispatch(self) -> None:
        """Send it now, unless nobody waits for its answer any more."""


class Outbox:
    """What one event loop sends in this turn."""

    def __init__(self) -> None:
        self._senders: list[Sender] = []

    def post(self, sender: Sender) -> None:
        """Have it dispatched once all that is ready in this turn has run."""
        if not self._senders:
            asyncio.get_running_loop().call_soon(self._dispatch)
        self._senders.append(sender)

    def _dispatch(self) -> None:
        senders, self._senders = self._senders, []
        for sender in senders:
            sender.dispatch()
