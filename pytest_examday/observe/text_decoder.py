"""Decodes log lines that are text: the matches of a pattern's named groups make one object for each line."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pytest_examday.contract.json_finder import SimplePath, compiled, simple_path_of
from pytest_examday.contract.reply_search import search
from pytest_examday.observe.log_line import lines_of, text_of

_Groups = tuple[str | None, ...]
"""What the groups of the pattern match in one line."""


class TextDecoder:
    """Decodes lines by a regular expression with named groups; it has the methods of `LineDecoder`."""

    def __init__(self, pattern: str, expressions: Iterable[str]) -> None:
        compiled_pattern = re.compile(pattern)
        self._match = compiled_pattern.search
        self._places = {name: number - 1 for name, number in compiled_pattern.groupindex.items()}
        self._columns = {expression: self._column(expression) for expression in expressions}

    def rows(self, block: bytes) -> list[_Groups | None]:
        """The groups of each line of the block; None for a line that the pattern does not match."""
        match = self._match
        return [None if (found := match(line)) is None else found.groups() for line in map(text_of, lines_of(block))]

    def body(self, line: bytes) -> dict[str, str | None] | None:
        """The named groups of one line; None if the pattern does not match."""
        found = self._match(text_of(line))
        return None if found is None else self._object(found.groups())

    def values(self, expression: str, rows: Sequence[Any]) -> list[Any]:
        """The value of the JMESPath expression, one of those that the decoder was made for, in each of the rows."""
        return self._columns[expression](rows)

    def _object(self, row: _Groups) -> dict[str, str | None]:
        return {name: _value(row[place]) for name, place in self._places.items()}

    def _column(self, expression: str) -> Callable[[Sequence[_Groups]], list[Any]]:
        path = simple_path_of(compiled(expression))
        if path is None:
            return lambda rows: [search(expression, self._object(row)) for row in rows]
        return self._column_of(path)

    def _column_of(self, path: SimplePath) -> Callable[[Sequence[_Groups]], list[Any]]:
        place = self._places.get(path.keys[0]) if len(path.keys) == 1 else None  # a text has no keys
        wanted = path.equals
        if place is None:
            missing = None if wanted is None else False
            return lambda rows: [missing] * len(rows)
        if wanted is None:
            return lambda rows: [None if (value := row[place]) == "-" else value for row in rows]
        return lambda rows: [row[place] == wanted != "-" for row in rows]


def _value(value: str | None) -> str | None:
    """The value; None for `-`, which stands for a missing value in access logs (Apache's common log format)."""
    return None if value == "-" else value
