"""Says in one line why a text or value is not valid evidence."""

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

_WORDS: dict[str, Callable[[Any, dict[str, Any]], str]] = {
    "greater_than_equal": lambda given, limits: f"is {given}, and cannot be below {limits['ge']:g}",
    "less_than_equal": lambda given, limits: f"is {given}, and cannot be above {limits['le']:g}",
    "greater_than": lambda given, limits: f"is {given}, and has to be above {limits['gt']:g}",
    "finite_number": lambda given, _: f"is {given}, which is no finite number",
    "missing": lambda *_: "is missing",
    "extra_forbidden": lambda *_: "is unknown to this version",
    "value_error": lambda _, context: str(context["error"]),
    "literal_error": lambda given, valid: f"is {given!r}; valid: {valid['expected']}",
    "json_invalid": lambda _, context: f"it is no JSON: {context['error']}",
}
"""Pydantic's type of an error -> the message about the value that was given."""


def first_mistake(problem: ValidationError) -> str:
    """The first mistake that validation found, with the name of its field."""
    error = problem.errors(include_url=False)[0]
    field = ".".join(map(str, error["loc"]))
    words = _WORDS.get(error["type"])
    message = words(error["input"], error.get("ctx", {})) if words else f"is wrong: {error['msg'].lower()}"
    return " ".join(f"{field} {message}".split())
