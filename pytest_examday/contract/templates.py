"""Fills the placeholders of paths, bodies and forms."""

from typing import Any

from pydantic import JsonValue

from pytest_examday.contract.vocabulary import PLACEHOLDER

Values = dict[str, Any]


def fill(template: JsonValue, values: Values) -> Any:
    """The template with every `{name}` replaced. A text that is only a placeholder becomes the value, with its type."""
    if isinstance(template, dict):
        return {key: fill(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [fill(value, values) for value in template]
    if not isinstance(template, str):
        return template
    whole = PLACEHOLDER.fullmatch(template)
    if whole:
        return values[whole.group(1)]
    return PLACEHOLDER.sub(lambda match: str(values[match.group(1)]), template)


def form_fields(form: dict[str, str], values: Values) -> dict[str, str]:
    """The fields of a form as a browser sends them: a ticked box is `true`, and a value that is None is left out."""
    filled = ((name, in_a_form(template, values)) for name, template in form.items())
    return {name: value for name, value in filled if value is not None}


def in_a_form(template: str, values: Values) -> str | None:
    """The template filled as a field of a form; None if its value is None."""
    value = fill(template, values)
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)
