"""An error of a validator that has found several mistakes in one record."""

from collections.abc import Iterable

from pydantic_core import PydanticCustomError

SEVERAL_MISTAKES = "several_mistakes"
"""The type of the error."""


def several_mistakes(mistakes: Iterable[tuple[tuple[str | int, ...], str]]) -> PydanticCustomError:
    """The error that holds these mistakes. Each mistake has the keys that lead to it within the record, and words."""
    all_mistakes = tuple(mistakes)
    text = "; ".join(f"{'.'.join(map(str, place))}: {words}" for place, words in all_mistakes)
    return PydanticCustomError(SEVERAL_MISTAKES, "{text}", {"mistakes": all_mistakes, "text": text})
