"""Reads lists of `{question, value}`, as contracts find them in replies: answers, right choices, marks."""

from typing import Any


def values_by_question(found: Any) -> dict[str, Any] | None:
    """Question (as text) -> its value; None for a question without a value or with an empty text.

    None if `found` is no list, or if one of its entries cannot be read: it is no object, or has a value and no
    question. Otherwise a value would be missing, and the platform would be blamed for it.
    """
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        return None
    values = [(entry.get("question"), _without_blank(entry.get("value"))) for entry in found]
    if any(question is None and value is not None for question, value in values):
        return None
    return {str(question): value for question, value in values if question is not None}


def _without_blank(value: Any) -> Any:
    return None if value == "" else value
