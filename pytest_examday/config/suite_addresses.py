"""Finds the addresses in the table that a suite has of its own, by the types of their fields."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, get_args

from pydantic import AnyUrl, SecretStr

from pytest_examday.config.addresses import AddressKind
from pytest_examday.config.mistakes import Place
from pytest_examday.record import Record


class Address(NamedTuple):
    """One address: where it stands, what is reached there (`http`, `postgresql` or `redis`), and its text."""

    place: Place
    kind: str
    text: str


def addresses_of_suites(suites: Mapping[str, Record]) -> Iterator[Address]:
    """The addresses in these records; the name of a suite is the first part of each place."""
    for suite, record in suites.items():
        yield from _in_record(record, (suite,))


def _in_record(record: Record, place: Place) -> Iterator[Address]:
    for name, field in type(record).model_fields.items():
        kinds = [*_kinds(field.metadata), *_kinds_in(field.annotation)]
        yield from _in_value(getattr(record, name), (*place, field.alias or name), kinds[0] if kinds else None)


def _in_value(value: Any, place: Place, kind: str | None) -> Iterator[Address]:
    if isinstance(value, Record):
        yield from _in_record(value, place)
    elif isinstance(value, AnyUrl):
        yield Address(place, "http", str(value))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _in_value(item, (*place, key), kind)
    elif isinstance(value, (list, tuple)):
        for number, item in enumerate(value):
            yield from _in_value(item, (*place, number), kind)
    elif kind is not None and isinstance(value, SecretStr):
        yield Address(place, kind, value.get_secret_value())


def _kinds_in(annotation: Any) -> Iterator[str]:
    yield from _kinds(getattr(annotation, "__metadata__", ()))
    for inner in get_args(annotation):
        yield from _kinds_in(inner)


def _kinds(metadata: Any) -> Iterator[str]:
    return (found.reaches for found in metadata if isinstance(found, AddressKind))
