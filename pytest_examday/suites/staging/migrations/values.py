"""Values for columns: different for every row, and as their type, CHECK constraints and partitions want them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import NAMESPACE_OID, uuid5

from pytest_examday.suites.staging.migrations.columns import Column, Structure

_LISTED = re.compile(r"\(?\"?(\w+)\"?\)?(?:::[\w ]+)? = ANY \(+(?:ARRAY)?\[?(.*?)\]?\)")
_EQUAL = re.compile(r"\(\"?(\w+)\"? = '((?:[^']|'')*)'::[\w ]+\)")
_QUOTED = re.compile(r"'((?:[^']|'')*)'")
_LENGTH = re.compile(r"(?:char_length|character_length|octet_length|length)\(\(?\"?(\w+)\"?\)?(?:::\w+)?\) = (\d+)")
_FROM = re.compile(r"FROM \('?([^',)]+)'?")
_IN = re.compile(r"IN \((.*)\)")
_NUMBERS = frozenset({"smallint", "integer", "bigint", "numeric", "real", "double precision", "money", "oid"})
_TEXTS = frozenset({"text", "character varying", "character", "citext"})


@cache
def _base_moment() -> datetime:
    """A moment shortly before this run."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


def value_for(structure: Structure, table: str, column: Column, number: int) -> str | None:
    """A text that PostgreSQL can cast to the column's type, for this row of the table; None if none is known."""
    listed = _listed_values(structure.checks.get(table, ()), column)
    if listed:
        return listed[number % len(listed)]
    bounded = _of_partition(structure, table, column, number)
    if bounded is not None:
        return bounded
    if column.labels:
        label = column.labels[number % len(column.labels)]
        return label if column.category == "E" else f'{{"{label}"}}'
    if column.category == "A":
        element = column.base.removesuffix("[]")
        one = _plain(element, "x", number)
        return None if one is None else f'{{"{one}","{_plain(element, "y", number + 1)}"}}'
    text = _plain(column.base, column.name, number)
    wanted = _wanted_length(structure.checks.get(table, ()), column)
    return text if text is None else _of_length(text, column, wanted, number)


_BY_TYPE: dict[str, Callable[[str, int], str]] = {
    **dict.fromkeys(_NUMBERS, lambda name, number: str(number + 1)),
    **dict.fromkeys(_TEXTS, lambda name, number: f"{name}-{number}"),
    "name": lambda name, number: f"{name}-{number}",
    "uuid": lambda name, number: str(uuid5(NAMESPACE_OID, f"{name}-{number}")),
    "boolean": lambda name, number: "true" if number % 2 == 0 else "false",
    "timestamp with time zone": lambda name, number: _moment(number).isoformat(),
    "timestamp without time zone": lambda name, number: _moment(number).isoformat(),
    "date": lambda name, number: _moment(number).date().isoformat(),
    "time without time zone": lambda name, number: f"{number % 24:02}:00:00",
    "time with time zone": lambda name, number: f"{number % 24:02}:00:00",
    "interval": lambda name, number: f"{number + 1} minutes",
    "json": lambda name, number: f'{{"n": {number}}}',
    "jsonb": lambda name, number: f'{{"n": {number}}}',
    "bytea": lambda name, number: f"\\x{number:064x}",
    "inet": lambda name, number: f"10.0.{number // 250 % 250}.{number % 250 + 1}",
    "cidr": lambda name, number: f"10.0.{number // 250 % 250}.{number % 250 + 1}/32",
    "xml": lambda name, number: f"<n>{number}</n>",
}
"""Type -> the value of a column with this name in the row with this number, without regard to constraints."""


def _plain(base: str, name: str, number: int) -> str | None:
    """A value of a type, without regard to constraints; None if none is known."""
    make = _BY_TYPE.get(base)
    return None if make is None else make(name, number)


def _moment(number: int) -> datetime:
    return _base_moment() + timedelta(seconds=number)


def _listed_values(checks: tuple[str, ...], column: Column) -> tuple[str, ...]:
    """The values that a CHECK constraint lists for the column: `state IN ('open', 'closed')`."""
    for words in checks:
        for name, inner in _LISTED.findall(words):
            if name == column.name:
                quoted = tuple(text.replace("''", "'") for text in _QUOTED.findall(inner))
                numbers = tuple(inner.replace(" ", "").split(",")) if re.fullmatch(r"[\d, ]+", inner) else ()
                if quoted or numbers:
                    return quoted or numbers
        if words.count(" OR ") == 0:
            equal = [text.replace("''", "'") for name, text in _EQUAL.findall(words) if name == column.name]
            if equal and words.startswith("CHECK ((" + column.name + " = "):
                return tuple(equal)
    return ()


def _of_partition(structure: Structure, table: str, column: Column, number: int) -> str | None:
    """A value that lies in a partition of the table, if the column is its key and there is no default partition."""
    key, bounds = structure.partitions.get(table, ("", ()))
    if f"({column.name})" not in key or not bounds or "DEFAULT" in bounds:
        return None
    if key.startswith("RANGE"):
        lowest = _FROM.search(bounds[-1])
        if lowest is None or lowest[1] == "MINVALUE":
            return None
        if column.base in _NUMBERS:
            return str(int(lowest[1]) + number)
        if column.base.startswith("timestamp"):
            moment = datetime.fromisoformat(lowest[1].replace(" ", "T", 1)) + timedelta(seconds=number)
            return moment.isoformat()
        return lowest[1]
    listed = [_QUOTED.findall(found[1]) or [found[1]] for bound in bounds if (found := _IN.search(bound))]
    values = [value for values in listed for value in values]
    return values[number % len(values)] if key.startswith("LIST") and values else None


def _wanted_length(checks: tuple[str, ...], column: Column) -> int | None:
    for words in checks:
        for name, length in _LENGTH.findall(words):
            if name == column.name:
                return int(length)
    return None


def _of_length(text: str, column: Column, wanted: int | None, number: int) -> str:
    """The text with the wanted length, or cut to the longest that the column takes; the number stays in it."""
    if column.base == "bytea":
        return text if wanted is None else f"\\x{number:0{2 * wanted}x}"
    if column.base not in _TEXTS:
        return text
    longest = wanted if wanted is not None else column.length
    if longest is None or (wanted is None and len(text) <= longest):
        return text
    return f"{number:0{longest}}"[-longest:]
