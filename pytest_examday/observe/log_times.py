"""The times of log lines, as platforms write them."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pytest_examday.contract.numbers_and_moments import LARGEST_SECONDS, all_numbers


def moments(values: Sequence[Any], form: str | None = None) -> list[float | None]:
    """Seconds since the epoch, from seconds, milliseconds or texts in ISO 8601, or from texts in the format `form` of
    `strptime`; None for anything else."""
    if form is not None:
        texts = list(map(str, values))
        # Each text once: an access log has many lines of one second.
        moments_by_text = {text: _formed(text, form) for text in set(texts)}
        return [moments_by_text[text] for text in texts]
    if all_numbers(values) and max(values, default=0) <= LARGEST_SECONDS and min(values, default=0) >= -LARGEST_SECONDS:
        return list(map(float, values))
    if set(map(type, values)) == {str}:
        return _moments_of_texts(values)
    return [_moment(value) for value in values]


def _moments_of_texts(values: Sequence[str]) -> list[float | None]:
    try:
        return list(map(datetime.timestamp, map(datetime.fromisoformat, values)))
    except (ValueError, OverflowError):
        return [_moment(value) for value in values]


def _formed(text: str, form: str) -> float | None:
    try:
        return datetime.strptime(text, form).timestamp()  # noqa: DTZ007 # a log without zones has local times
    except (ValueError, OverflowError):
        return None


def _moment(value: Any) -> float | None:
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            at = float(value) / (1000 if abs(value) > LARGEST_SECONDS else 1)
        else:
            at = datetime.fromisoformat(str(value)).timestamp()
    except (ValueError, OverflowError):
        return None
    return at if math.isfinite(at) else None
