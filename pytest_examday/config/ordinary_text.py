"""Distinguishes texts that anybody may write from those that look random, as secrets do."""

import re

HEXADECIMAL = re.compile(r"[0-9a-fA-F-]*")
SHORTEST_HEXADECIMAL = 12
"""So many hexadecimal digits may be a secret; fewer may be an id or a date."""
_ORDINARY_MARKS = "-_./:, "
_FEWEST_DIFFERENT = 4


def looks_random(text: str) -> bool:
    """Whether the text is so unlike ordinary text that it may be a secret, or a part of one."""
    if len(set(text)) < _FEWEST_DIFFERENT:
        return False
    if HEXADECIMAL.fullmatch(text) and len(text) < SHORTEST_HEXADECIMAL:
        return False
    plain = "".join(" " if mark in _ORDINARY_MARKS else mark for mark in text)
    if any(not (mark.isalnum() or mark == " ") for mark in plain):
        return any(mark.isalnum() for mark in plain)
    return any(not _is_word_or_number(word) for word in plain.split())


def _is_word_or_number(word: str) -> bool:
    """Whether the word is a number, or letters that are all small, all capitals, or small after the first."""
    return word.isdigit() or (word.isalpha() and (word[1:] == word[1:].lower() or word == word.upper()))
