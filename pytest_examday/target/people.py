"""What each person sends beside the values of an operation, by its token."""

import threading
from collections import OrderedDict

from pytest_examday.contract.templates import Values

_MOST = 10_000
"""Tokens that are remembered. A rehearsal uses fewer at the same time; those of ended exams are of no use."""


class People:
    """The own values of the people whose tokens were used last; of other tokens those of nobody."""

    def __init__(self, nobodys: Values, most: int = _MOST) -> None:
        self._nobodys = nobodys
        self._most = most
        self._values: OrderedDict[str, Values] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._values)

    def of(self, token: str | None) -> Values:
        """What the person with this token sends."""
        with self._lock:
            if token is None or token not in self._values:
                return self._nobodys
            self._values.move_to_end(token)
            return self._values[token]

    def know(self, token: str, values: Values) -> None:
        """Remember what the person with this token sends; the token that was longest unused is forgotten for it."""
        with self._lock:
            self._values[token] = values
            self._values.move_to_end(token)
            while len(self._values) > self._most:
                self._values.popitem(last=False)

    def add(self, token: str | None, values: Values) -> None:
        """Add values that an answer has told, if the person is known."""
        with self._lock:
            if token is not None and token in self._values:
                self._values[token] = self._values[token] | values
