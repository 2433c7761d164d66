"""Decodes log lines that are text: the matches of a pattern's named groups make one object for each line."""

import re
from collections.abc import Sequence
from typing import Any

from pytest_examday.contract.search import search
from pytest_examday.observe.log_line import lines_of, text_of


class TextDecoder:
    """Decodes lines by a regular expression with named groups; it has the methods of `LineDecoder`."""

    def __init__(self, pattern: str) -> None:
        self._match = re.compile(pattern).search

    def rows(self, block: bytes) -> list[dict[str, str | None] | None]:
        """The groups of each line of the block; None for a line that the pattern does not match."""
        return [self.body(line) for line in lines_of(block)]

    def body(self, line: bytes) -> dict[str, str | None] | None:
        """The groups of one line."""
        match = self._match(text_of(line))
        return None if match is None else {name: _value_or_none(value) for name, value in match.groupdict().items()}

    def values(self, expression: str, rows: Sequence[Any]) -> list[Any]:
        """The value of the JMESPath expression in each of the rows."""
        return [search(expression, row) for row in rows]


def _value_or_none(value: str | None) -> str | None:
    """The value; None for `-`, which stands for a missing value in access logs (Apache's common log format)."""
    return None if value == "-" else value
