"""Makes a record of a table, and notes every mistake in it."""

from typing import Any, TypeVar

from pydantic import ValidationError

from pytest_examday.config.known_names import KnownNames
from pytest_examday.config.mistakes import Mistakes, Place
from pytest_examday.config.validation_errors import explain
from pytest_examday.record import Record

_Kind = TypeVar("_Kind", bound=Record)


def validated(
    kind: type[_Kind], values: dict[str, Any], place: Place, mistakes: Mistakes, known: KnownNames | None = None
) -> _Kind | None:
    """The record of these values; None where there is a mistake.

    What follows from a mistake that is noted already, such as an unset variable, is not told again.
    """
    try:
        return kind.model_validate(values, context=known)
    except ValidationError as problem:
        told = list(explain(problem, kind, place))
    for where, words in told:
        if not mistakes.explains(where):
            mistakes.add(where, words)
    return None
