"""Finds `true` and `false` in place of numbers of a record: pydantic would take them for 1 and 0."""

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pytest_examday.config.mistakes import Place
from pytest_examday.record import Record

_UNIONS = (UnionType, Union)


def booleans_as_numbers(kind: type[Record], values: Mapping[str, Any]) -> Iterator[tuple[Place, type]]:
    """The place of each `true` or `false` that stands for a number, and the type of that number: `int` or `float`."""
    for name, field in kind.model_fields.items():
        key = field.alias or name
        if key in values:
            yield from (((key, *place), number) for place, number in _within(field.annotation, values[key]))


def _within(annotation: Any, value: Any) -> Iterator[tuple[Place, type]]:
    types = tuple(_types_of(annotation))
    if isinstance(value, bool):
        if bool not in types:
            yield from (((), kind) for kind in (float, int) if kind in types)
    elif isinstance(value, dict):
        for kind in types:
            if get_origin(kind) is dict:
                yield from _in_parts(value.items(), get_args(kind)[1])
            elif isinstance(kind, type) and issubclass(kind, Record):
                yield from booleans_as_numbers(kind, value)
    elif isinstance(value, (list, tuple)):
        for kind in types:
            if get_origin(kind) is tuple:
                yield from _in_parts(enumerate(value), get_args(kind)[0])


def _in_parts(parts: Any, annotation: Any) -> Iterator[tuple[Place, type]]:
    for key, value in parts:
        yield from (((key, *place), number) for place, number in _within(annotation, value))


def _types_of(annotation: Any) -> Iterator[Any]:
    """The types that a value may have: those of a union one by one."""
    if get_origin(annotation) is Annotated:
        yield from _types_of(get_args(annotation)[0])
    elif get_origin(annotation) in _UNIONS:
        for part in get_args(annotation):
            yield from _types_of(part)
    else:
        yield annotation
