"""Decodes log lines into rows that hold only the fields that are needed.

A log may have gigabytes, and a decoder that knows the needed fields makes no objects of the others.
"""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from pytest_examday.contract.json_finder import SimplePath, compiled, simple_path_of
from pytest_examday.contract.reply_search import search
from pytest_examday.observe.log_line import body_of, lines_of

Row = Any
"""A decoded line: the decoder's own kind of record, or the whole object as a dict."""
Column = Callable[[Sequence[Row]], list[Any]]

_NO_ROW = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class LineDecoder:
    """Decodes lines into rows from which these JMESPath expressions can be read."""

    def __init__(self, expressions: Iterable[str]) -> None:
        places = {expression: simple_path_of(compiled(expression)) for expression in expressions}
        named = {expression: place for expression, place in places.items() if place is not None}
        self._fields: dict[str, str] | None = None
        kind: type = dict
        if len(named) == len(places):
            keys = sorted({place.keys[0] for place in named.values()})
            self._fields = {f"field_{number}": key for number, key in enumerate(keys)}
            fields = [(field, Any, None) for field in self._fields]
            kind = msgspec.defstruct("Row", fields, rename=self._fields, gc=False)
        self._kind = kind
        self._decoder: msgspec.json.Decoder[Row] = msgspec.json.Decoder(kind)
        self._columns = {expression: self._column(expression, place) for expression, place in places.items()}

    def rows(self, block: bytes) -> list[Row | None]:
        """A row for each of the lines of the block; None for a line that is not a JSON object."""
        try:
            rows: list[Row | None] = self._decoder.decode_lines(block)
        except _NO_ROW:
            return [self._row(line) for line in lines_of(block)]
        if len(rows) == block.count(b"\n") + (not block.endswith(b"\n")):
            return rows
        # There are empty lines, or objects that share a line or take several, which are judged line by line too.
        lines = lines_of(block)
        return rows if len(rows) == len(lines) else [self._row(line) for line in lines]

    def body(self, line: bytes) -> dict[str, Any] | None:
        """The whole object that a line is; None for anything else."""
        return body_of(line)

    def values(self, expression: str, rows: Sequence[Row]) -> list[Any]:
        """The value of the expression, one of those that the decoder was made for, in each of the rows."""
        return self._columns[expression](rows)

    def _row(self, line: bytes) -> Row | None:
        try:
            return self._decoder.decode(line)
        except _NO_ROW:
            body = body_of(line)  # it takes NaN, bytes that are no text and halves of surrogate pairs as well
        if body is None or self._fields is None:
            return body
        return self._kind(**{field: body.get(key) for field, key in self._fields.items()})

    def _column(self, expression: str, place: SimplePath | None) -> Column:
        if place is None or self._fields is None:
            return lambda rows: [search(expression, row) for row in rows]
        first, *others = place.keys
        find = attrgetter(next(field for field, key in self._fields.items() if key == first))
        if others:
            return _compared(lambda rows: [_descend(value, others) for value in map(find, rows)], place.equals)
        return _compared(lambda rows: list(map(find, rows)), place.equals)


def _descend(value: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _compared(column: Column, equals: str | None) -> Column:
    return column if equals is None else lambda rows: [value == equals for value in column(rows)]
