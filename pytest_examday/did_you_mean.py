"""Suggests the valid name that is most like a misspelled one."""

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 60
"""Characters of the given name that are compared; no valid name is longer."""
_ALIKE = 0.7
"""The least share of letters in common, by `difflib`; with its own 0.6, `podman` would mean `command`."""
_LEAST_IN_COMMON = 3
"""The fewest letters of a word that has to begin as another one to be taken for it."""


def did_you_mean(given: object, valid: Iterable[str]) -> str:
    """`did you mean NAME? ` if a valid name is like the given one; otherwise an empty text."""
    if not isinstance(given, str):
        return ""
    plain = {_plain(name): name for name in valid}
    meant = _plain(given[:_LONGEST])
    alike = get_close_matches(meant, plain, n=1, cutoff=_ALIKE) or [
        name
        for name in plain
        if min(len(name), len(meant)) >= _LEAST_IN_COMMON and (name.startswith(meant) or meant.startswith(name))
    ]
    return f"did you mean {plain[alike[0]]}? " if alike and plain[alike[0]] != given else ""


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")
