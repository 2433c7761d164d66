"""Reports what the validation of records finds: each mistake with its key, in the words of this plugin."""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin

from pydantic import JsonValue, ValidationError

from pytest_examday.config.mistakes import Place
from pytest_examday.did_you_mean import did_you_mean
from pytest_examday.record import Record
from pytest_examday.several_mistakes import SEVERAL_MISTAKES

Told = Callable[[Mapping[str, Any]], str]

_TEXT = "must be a text"
NUMBER = "must be a number"
WHOLE = "must be a whole number"
_TABLE = "must be a table"
_LIST = "must be a list"
_BOOLEAN = "must be true or false"
_ADDRESS = "must be an address such as https://api.example.org"
PLAIN = "is not valid; docs/reference.md says what is valid for this key"
"""The message for a mistake for which there are no better words."""


def _of(words: str, **parts: str) -> Told:
    """A function that makes a message: `words`, with the figures of the error filled in."""
    return lambda error: words.format(**{name: _figure(error["ctx"][part]) for name, part in parts.items()})


def _figure(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _entries(number: int) -> str:
    return f"{number} entr{'y' if number == 1 else 'ies'}"


def _choices(error: Mapping[str, Any]) -> str:
    """`expected` is `'read', 'write' or 'disrupt'`."""
    valid = [word.strip(" '") for word in error["ctx"]["expected"].replace(" or ", ", ").split(", ")]
    return f"{did_you_mean(error['input'], valid)}must be one of: {', '.join(valid)}"


WORDS: Mapping[str, Told] = {
    "missing": lambda _: "is missing",
    "literal_error": _choices,
    "value_error": lambda error: str(error["ctx"]["error"]),
    **dict.fromkeys(("string_type", "string_unicode"), lambda _: _TEXT),
    "string_too_short": lambda _: "must not be empty",
    "string_too_long": _of("must have at most {most} characters", most="max_length"),
    "string_pattern_mismatch": _of("must match {pattern}", pattern="pattern"),
    "multiple_of": _of("must be a multiple of {number}", number="multiple_of"),
    "enum": _choices,
    "path_type": lambda _: "must be a path, as a text",
    **dict.fromkeys(("int_type", "int_parsing", "int_parsing_size", "int_from_float"), lambda _: WHOLE),
    **dict.fromkeys(("float_type", "float_parsing"), lambda _: NUMBER),
    "finite_number": lambda _: "must be a finite number",
    **dict.fromkeys(("bool_type", "bool_parsing"), lambda _: _BOOLEAN),
    **dict.fromkeys(
        ("list_type", "tuple_type", "set_type", "frozen_set_type", "iterable_type", "iteration_error"), lambda _: _LIST
    ),
    **dict.fromkeys(
        ("dict_type", "mapping_type", "model_type", "model_attributes_type", "dataclass_type", "no_such_attribute"),
        lambda _: _TABLE,
    ),
    "greater_than": _of("must be more than {limit}", limit="gt"),
    "greater_than_equal": _of("must be at least {limit}", limit="ge"),
    "less_than": _of("must be less than {limit}", limit="lt"),
    "less_than_equal": _of("must be at most {limit}", limit="le"),
    "too_short": lambda error: f"must have at least {_entries(error['ctx']['min_length'])}",
    "too_long": lambda error: f"must have at most {_entries(error['ctx']['max_length'])}",
    **dict.fromkeys(
        ("url_type", "url_parsing", "url_syntax_violation", "url_scheme", "url_too_long"), lambda _: _ADDRESS
    ),
    "invalid-json-value": lambda _: "must be a text, a number, true, false, a list or a table; write a date as a text",
    "recursion_loop": lambda _: "is nested too deeply",
}
"""Pydantic's type of an error -> the message. The value itself is never repeated: it may be a secret."""


def keys_of(kind: type[Record]) -> tuple[str, ...]:
    """The keys that a configuration may give."""
    return (*(name for name in kind.model_fields if name not in kind.SET_BY_PLUGIN), *kind.SOURCE_KEYS)


def unknown_key(name: str, kind: Any, more_keys: tuple[str, ...] = ()) -> str:
    """The message for a key that the record does not have. `more_keys` are valid too."""
    valid = (*keys_of(kind), *more_keys)
    return f"unknown key; {did_you_mean(name, valid)}valid keys: {', '.join(valid)}"


def explain(
    problem: ValidationError, kind: type[Any], place: Place, more_keys: tuple[str, ...] = ()
) -> Iterator[tuple[Place, str]]:
    """Each mistake with its place. A key that is missing because it is misspelled is reported once. `more_keys` are
    valid beside those of `kind`."""
    errors = problem.errors(include_url=False)
    misspelled = {where for error in errors if error["type"] == "extra_forbidden" for where in _meant(error, kind)}
    for error in errors:
        if error["type"] == "missing" and error["loc"] in misspelled:
            continue
        where, parent = _walk(error["loc"], kind)
        if error["type"] == "extra_forbidden":
            more = more_keys if len(where) == 1 else ()
            yield (*place, *where), unknown_key(str(error["loc"][-1]), parent, more)
        elif error["type"] == SEVERAL_MISTAKES:
            for within, message in error["ctx"]["mistakes"]:
                yield (*place, *where, *within), message
        elif error["type"] == "union_tag_not_found":
            yield (*place, *where, "kind"), f"is missing; one of: {', '.join(_kinds_of(parent))}"
        elif error["type"] == "union_tag_invalid":
            meant = did_you_mean(error["ctx"]["tag"], _kinds_of(parent))
            yield (*place, *where, "kind"), f"{meant}must be one of: {', '.join(_kinds_of(parent))}"
        else:
            words = WORDS.get(error["type"])
            yield (*place, *where), PLAIN if words is None else words(error)


def _meant(error: Any, kind: Any) -> Iterator[Place]:
    """The place for which the unknown key of this error was meant."""
    *above, name = error["loc"]
    _, parent = _walk(error["loc"], kind)
    for valid in keys_of(parent):
        if did_you_mean(name, (valid,)):
            yield (*above, valid)


def _walk(loc: Place, kind: Any) -> tuple[Place, Any]:
    """The place without the tags that pydantic puts into it, and the record that holds the last key."""
    keys: list[str | int] = []
    parent: Any = kind
    for position, part in enumerate(loc):
        if parent is JsonValue and isinstance(part, str):  # in a JSON value, each key comes after the type of its table
            keys.extend(key for key in loc[position + 1 :: 2] if key != "[key]")
            break
        if part == "[key]":  # pydantic's mark of a mistake in the key before it
            continue
        tagged = _variant(parent, part)
        if get_origin(parent) is dict:
            keys.append(part)
            parent = _record(get_args(parent)[1])
        elif tagged is None:
            keys.append(part)
            field = getattr(parent, "model_fields", {}).get(part)
            parent = parent if field is None else _record(field.annotation)
        else:
            parent = tagged
    return tuple(keys), parent


def _record(annotation: Any) -> Any:
    """The one record inside an annotation such as `X | None`; the annotation itself if it holds several."""
    records = [kind for kind in get_args(annotation) if kind not in (type(None), ...)]
    inner = records[0] if len(records) == 1 else annotation
    return get_args(inner)[0] if get_origin(inner) is Annotated else inner


def _kinds_of(choice: Any) -> list[str]:
    """The values of `kind` of several records."""
    return [tag for record in get_args(choice) for tag in get_args(record.model_fields["kind"].annotation)]


def _variant(choice: Any, tag: str | int) -> Any:
    """Of several records with a `kind` field, the one whose kind is `tag`; None if `tag` is not a kind but a key."""
    for kind in get_args(choice):
        field = getattr(kind, "model_fields", {}).get("kind")
        if field is not None and tag in get_args(field.annotation):
            return kind
    return None
