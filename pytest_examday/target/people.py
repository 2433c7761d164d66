"""Remembers by the token of a person which values of its own the person sends with every request (`person_values`)."""

import threading
from collections import OrderedDict

from pytest_examday.contract.templates import Values

_MOST = 10_000
"""The most tokens that are remembered. A rehearsal uses fewer at the same time, and needs none of ended exams."""


class People:
    """The own values of people by their tokens. Only the tokens that were used last are remembered; for every other
    token there are the values of an unknown person."""

    def __init__(self, of_unknown_person: Values, most: int = _MOST) -> None:
        self._of_unknown_person = of_unknown_person
        self._most = most
        self._values: OrderedDict[str, Values] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._values)

    def of(self, token: str | None) -> Values:
        """The own values of the person with this token."""
        with self._lock:
            if token is None or token not in self._values:
                return self._of_unknown_person
            self._values.move_to_end(token)
            return self._values[token]

    def remember(self, token: str, values: Values) -> None:
        """Remember the own values of the person with this token. If there are too many tokens, the one that was unused
        for the longest time is forgotten."""
        with self._lock:
            self._values[token] = values
            self._values.move_to_end(token)
            while len(self._values) > self._most:
                self._values.popitem(last=False)

    def add_from_reply(self, token: str | None, values: Values) -> None:
        """Add values from a reply to those of the person with this token; nothing if the token is not remembered."""
        with self._lock:
            if token is not None and token in self._values:
                self._values[token] = self._values[token] | values
