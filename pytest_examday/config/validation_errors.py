"""Tells a validation error in one line that names the key and the valid choices."""

from typing import Annotated, Any, get_args, get_origin

from pydantic import ValidationError

from pytest_examday.record import Record


def keys_of(kind: type[Record]) -> str:
    """The keys that a configuration may give, separated by commas."""
    return ", ".join((*(name for name in kind.model_fields if name not in kind.DERIVED), *kind.WRITTEN_AS))


def explain(problem: ValidationError, kind: type[Any], where: str) -> str:
    """The first validation error as one line that names the key and the valid choices."""
    error = problem.errors(include_url=False, include_input=False)[0]
    keys: list[str] = []
    parent: Any = kind
    for part in error["loc"]:
        tagged = _variant(parent, part)
        if get_origin(parent) is dict:
            keys.append(str(part))
            parent = _record(get_args(parent)[1])
        elif tagged is None:
            keys.append(str(part))
            field = getattr(parent, "model_fields", {}).get(part)
            parent = parent if field is None else _record(field.annotation)
        else:
            parent = tagged
    key = ".".join((where, *keys))
    if error["type"] == "extra_forbidden":
        return f"{key}: unknown key; valid keys: {keys_of(parent)}"
    return f"{key}: {' '.join(error['msg'].removeprefix('Value error, ').split())}"


def _record(annotation: Any) -> Any:
    """The one record inside an annotation such as `X | None`; the annotation itself where it holds several."""
    records = [kind for kind in get_args(annotation) if kind is not type(None)]
    inner = records[0] if len(records) == 1 else annotation
    return get_args(inner)[0] if get_origin(inner) is Annotated else inner


def _variant(choice: Any, tag: str | int) -> Any:
    """Of several records with a `kind` field, the one whose kind is `tag`; None where `tag` is not a kind but a key."""
    for kind in get_args(choice):
        field = getattr(kind, "model_fields", {}).get("kind")
        if field is not None and tag in get_args(field.annotation):
            return kind
    return None
