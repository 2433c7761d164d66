"""Makes a record of a table, and notes every mistake in it."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import ValidationError

from pytest_examday.config.booleans_as_numbers import booleans_as_numbers
from pytest_examday.config.mistakes import Mistakes, Place
from pytest_examday.config.validation_errors import NUMBER, WHOLE, explain
from pytest_examday.record import Record

_Kind = TypeVar("_Kind", bound=Record)


def validated_record(
    kind: type[_Kind],
    values: dict[str, Any],
    place: Place,
    mistakes: Mistakes,
    context: object = None,
    written: Callable[[Place], Place] = lambda place: place,
    more_keys: tuple[str, ...] = (),
) -> _Kind | None:
    """The record of these values; None if there is a mistake.

    `context` is that of the validation. `written` takes the place of a mistake in the values and returns where its user
    wrote it. `more_keys` are valid beside those of the record, and taken out of the values already. If a mistake
    follows from one that is noted already, such as an unset variable, it is not reported again.
    """
    numbers = booleans_as_numbers(kind, values)
    booleans = {(*place, *below): WHOLE if number is int else NUMBER for below, number in numbers}
    try:
        record = kind.model_validate(values, context=context)
    except ValidationError as problem:
        others = [mistake for mistake in explain(problem, kind, place, more_keys) if mistake[0] not in booleans]
    else:
        if not booleans:
            return record
        others = []
    for in_values, message in (*booleans.items(), *others):
        in_file = written(in_values)
        if not mistakes.follows_from_another(in_file):
            mistakes.add(in_file, message)
    return None
