"""Very many secrets, such as the passwords of a list of accounts, that are found in a text at once."""

import re
from collections import defaultdict
from collections.abc import Iterator

from pytest_examday.run.secret_forms import SHORTEST, whole

_KEY = SHORTEST
"""Characters at the beginning of a secret by which it is looked for."""
_COLOUR = r"(?:\x1b|\\x1b|\\u001b|%1b)(?:\[|%5b)(?:[0-9;]|%3b)*m"
_NO_LETTER = re.compile(
    rf"(?:\\(?:[abfnrtv0]|u[0-9a-f]{{4}}|x[0-9a-f]{{2}})|%[0-9a-f]{{2}}|{_COLOUR})\Z", re.IGNORECASE
)
"""Matches an escape or a colour code at the end of a text: its last letter or digit is not part of a word."""
_LONGEST_END = 24


class ListedSecrets:
    """Finds its secrets, but not as parts of longer words: people choose passwords such as `summer`."""

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._lengths: dict[str, set[int]] = defaultdict(set)

    def add(self, secret: str) -> None:
        """Learn one more, in all of its spellings."""
        for needle in whole(secret) if len(secret) >= SHORTEST else ():
            form = needle.text
            self._forms.add(form)
            self._lengths[form[:_KEY]].add(len(form))

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where secrets stand in the text."""
        if not self._forms:
            return
        occurring = {text[at : at + _KEY] for at in range(len(text) - _KEY + 1)}
        for key in self._lengths.keys() & occurring:
            at = text.find(key)
            while at >= 0:
                ends = (at + length for length in sorted(self._lengths[key], reverse=True))
                found = next((end for end in ends if text[at:end] in self._forms and _is_apart(text, at, end)), None)
                if found is not None:
                    yield at, found
                at = text.find(key, found or at + 1)


def _is_apart(text: str, begin: int, end: int) -> bool:
    """Whether no word goes on before or after the span."""
    if end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        return False
    if begin == 0 or not (text[begin].isalnum() and text[begin - 1].isalnum()):
        return True
    return _NO_LETTER.search(text[max(0, begin - _LONGEST_END) : begin]) is not None
