"""Remembers the own values of each person by the person's token: values that are sent beside those of an operation."""

import threading
from collections import OrderedDict

from pytest_examday.contract.templates import Values

_MOST = 10_000
"""The most tokens that are remembered. A rehearsal uses fewer at the same time, and needs none of ended exams."""


class People:
    """The own values of the people whose tokens were used last; for other tokens the values of an unknown person."""

    def __init__(self, nobodys: Values, most: int = _MOST) -> None:
        self._nobodys = nobodys
        self._most = most
        self._values: OrderedDict[str, Values] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._values)

    def of(self, token: str | None) -> Values:
        """The own values of the person with this token."""
        with self._lock:
            if token is None or token not in self._values:
                return self._nobodys
            self._values.move_to_end(token)
            return self._values[token]

    def know(self, token: str, values: Values) -> None:
        """Remember the own values of the person with this token. If there are too many tokens, the one that was unused
        for the longest time is forgotten."""
        with self._lock:
            self._values[token] = values
            self._values.move_to_end(token)
            while len(self._values) > self._most:
                self._values.popitem(last=False)

    def add(self, token: str | None, values: Values) -> None:
        """Add values from a reply, if the person is known."""
        with self._lock:
            if token is not None and token in self._values:
                self._values[token] = self._values[token] | values
