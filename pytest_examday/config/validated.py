"""Makes a record of a table, and notes every mistake in it."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import ValidationError

from pytest_examday.config.known_names import KnownNames
from pytest_examday.config.mistakes import Mistakes, Place
from pytest_examday.config.validation_errors import explain
from pytest_examday.record import Record

_Kind = TypeVar("_Kind", bound=Record)


def validated(
    kind: type[_Kind],
    values: dict[str, Any],
    place: Place,
    mistakes: Mistakes,
    known: KnownNames | None = None,
    written: Callable[[Place], Place] = lambda place: place,
) -> _Kind | None:
    """The record of these values; None if there is a mistake.

    `written` is given the place of a mistake in the values and returns where its user wrote it. What follows from a
    mistake that is noted already, such as an unset variable, is not told again.
    """
    try:
        return kind.model_validate(values, context=known)
    except ValidationError as problem:
        told = list(explain(problem, kind, place))
    for where, words in ((written(found), words) for found, words in told):
        if not mistakes.follows_from_another(where):
            mistakes.add(where, words)
    return None
