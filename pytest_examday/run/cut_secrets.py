"""The parts of secrets that stand beside the dots of a text that was cut, as pytest cuts long values."""

import re
from collections.abc import Iterator

from pytest_examday.run.secret_forms import SHORTEST, whole

_DOTS = re.compile(r"\.{3}|\N{HORIZONTAL ELLIPSIS}|\\u2026|&hellip;")
_FEWEST = 4
"""Characters of the shortest part that counts: fewer are the end or the beginning of many words."""


class CutSecrets:
    """Finds the beginnings of its secrets before dots, and their ends after dots."""

    def __init__(self) -> None:
        self._forms: set[str] = set()

    def add(self, secret: str) -> None:
        """Learn one more, in all of its spellings."""
        if len(secret) >= SHORTEST:
            self._forms.update(needle.text for needle in whole(secret))

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where parts of secrets stand in the text."""
        for dots in _DOTS.finditer(text) if self._forms else ():
            begin, end = dots.span()
            before, after = text[max(0, begin - _FEWEST) : begin], text[end : end + _FEWEST]
            for form in self._forms:
                if len(before) == _FEWEST and before in form:
                    size = next((n for n in range(len(form), _FEWEST - 1, -1) if text.endswith(form[:n], 0, begin)), 0)
                    yield from ((begin - size, begin),) if size else ()
                if len(after) == _FEWEST and after in form:
                    size = next((n for n in range(len(form), _FEWEST - 1, -1) if text.startswith(form[-n:], end)), 0)
                    yield from ((end, end + size),) if size else ()
