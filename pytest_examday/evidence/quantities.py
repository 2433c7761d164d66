"""The types of the fields of evidence. They refuse impossible values, because a judge would believe them."""

from collections import Counter
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Field

Count = Annotated[int, Field(ge=0)]
"""How many there are."""
Seconds = Annotated[float, Field(ge=0)]
"""A length of time in seconds."""
Milliseconds = Annotated[float, Field(ge=0)]
"""A length of time in milliseconds."""
Moment = Annotated[float, Field(ge=0)]
"""A point in time, in seconds since the epoch."""
Share = Annotated[float, Field(ge=0, le=1)]
"""A part of a whole, from 0 to 1."""
Amount = Annotated[float, Field(ge=0)]
"""A figure that is not below zero and may be above one, for instance of a platform's own metrics."""

_Records = TypeVar("_Records", bound=tuple[Any, ...])


def unique_by(*keys: str) -> AfterValidator:
    """The validator of a tuple of records: no two of them may have the same values in these fields."""
    return AfterValidator(_refusing_duplicates(attrgetter(*keys)))


def _refusing_duplicates(key_of: Callable[[Any], Any]) -> Callable[[_Records], _Records]:
    def checked(records: _Records) -> _Records:
        for key, count in Counter(map(key_of, records)).items():
            if count > 1:
                name = " ".join(map(str, key)) if isinstance(key, tuple) else key
                raise ValueError(f"has {count} records of {name}")
        return records

    return checked


def require_no_more(part: int, whole: int, subject: str) -> None:
    """Raise ValueError if a part is greater than its whole. The message begins with `subject`."""
    if part > whole:
        raise ValueError(f"{subject}: {part} of {whole}")


def require_order(started: float, ended: float, subject: str) -> None:
    """Raise ValueError if something ended before it started. The message begins with `subject`."""
    if ended < started:
        raise ValueError(f"{subject}: ended {started - ended:g} s before it started")


def require_ascending(percentiles: Iterable[float | None], subject: str) -> None:
    """Raise ValueError if a percentile is below one before it. The message begins with `subject`; None is not
    compared."""
    measured = [value for value in percentiles if value is not None]
    if measured != sorted(measured):
        raise ValueError(f"{subject}: p50, p95 and p99 do not ascend: {', '.join(f'{value:g}' for value in measured)}")
