"""Sends the requests of many actors together, at the end of a turn of the event loop.

A platform on the same machine would go idle between two single sends, and each send would have to wake it, at the
sender's cost. The delay has a second use: the event loop first reads what has come in, and so learns that a connection
has ended before a request is sent on it.
"""

import asyncio
from typing import Protocol


class Sender(Protocol):
    """Something that has a request to send."""

    def dispatch(self) -> None:
        """Send the request now, unless nobody waits for its reply any more."""


class Outbox:
    """The requests that one event loop sends in this turn."""

    def __init__(self) -> None:
        self._senders: list[Sender] = []

    def post(self, sender: Sender) -> None:
        """Call `sender.dispatch` after everything else that is ready in this turn."""
        if not self._senders:
            asyncio.get_running_loop().call_soon(self._dispatch)
        self._senders.append(sender)

    def _dispatch(self) -> None:
        senders, self._senders = self._senders, []
        for sender in senders:
            sender.dispatch()
