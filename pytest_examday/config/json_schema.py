"""The JSON Schema of `examday.toml`, made from the records that read it, so that it cannot drift from them."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from pytest_examday.config.described_platform import PARTS, PRESETS
from pytest_examday.config.environment import Environment
from pytest_examday.config.profiles import PROFILE_NAMES, Profile
from pytest_examday.config.short_operations import CALL, NAMED
from pytest_examday.contract.endpoint import Endpoint
from pytest_examday.record import Record

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE = "#/$defs/{model}"
_VARIABLE = {"type": "string", "pattern": r"\$\{"}
_CHECKED = frozenset({"enum", "pattern", "format", "minLength", "maxLength"})
_PLAIN = ("integer", "number", "boolean")


def file_schema(suites: Mapping[str, type[Record]] | None = None) -> dict[str, Any]:
    """The schema of the whole file, for editors that complete keys and mark mistakes. `suites` maps the name of each
    suite that has a table of its own to the record of this table.

    It is a little more lenient than the plugin: rules that hold between several keys are not in it.
    """
    tables = suites or {}
    kinds: tuple[type[Record], ...] = (Environment, Profile, Endpoint, *PARTS.values(), *tables.values())
    references, schemas = models_json_schema([(kind, "validation") for kind in kinds], ref_template=_REFERENCE)
    definitions: dict[str, Any] = schemas["$defs"]
    for key, kind in PARTS.items():
        _with_preset(definitions[kind.__name__], key)
        definitions["Environment"]["properties"][key] = _preset_or_table(key)
    definitions["LogFormat"]["properties"]["of"]["additionalProperties"] = _preset_or_table("log_format")
    definitions["Environment"]["properties"]["sql_checks"] = {"type": "array", "items": {"type": "string"}}
    for suite, kind in tables.items():
        definitions["Environment"]["properties"][suite] = references[kind, "validation"]
    _with_short_operations(definitions)
    for name in _reached_from(definitions, "Profile"):
        definitions[name].pop("required", None)  # a profile gives some keys of the built-in one
    derived = {kind.__name__: kind.SET_BY_PLUGIN for kind in _records(Record)}
    for name, definition in definitions.items():
        _without_derived(definition, derived.get(name, ()))
        if "preset" in definition.get("properties", {}):
            definition.pop("required", None)  # a preset gives what is required
        _allow_variables(definition)
    return {
        "$schema": DIALECT,
        "title": "examday.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "env": {"type": "object", "additionalProperties": {"$ref": _REFERENCE.format(model="Environment")}},
            "profile": {
                "type": "object",
                "additionalProperties": False,
                "properties": {name: {"$ref": _REFERENCE.format(model="Profile")} for name in PROFILE_NAMES},
            },
        },
        "$defs": definitions,
    }


def _records(kind: type[Record]) -> Iterator[type[Record]]:
    for below in kind.__subclasses__():
        yield below
        yield from _records(below)


def _preset_or_table(key: str) -> dict[str, Any]:
    """What a key of `PARTS` takes: the name of a preset, or a table."""
    return {
        "if": {"type": "string"},
        "then": {"enum": list(PRESETS[key])},
        "else": {"$ref": _REFERENCE.format(model=PARTS[key].__name__)},
    }


def _with_preset(definition: dict[str, Any], key: str) -> None:
    """A description may begin with a preset, which gives what is required."""
    definition.pop("required", None)
    definition["properties"] |= {
        "preset": {"enum": list(PRESETS[key])},
        "absent": {"type": "array", "items": {"type": "string"}},
    }


def _with_short_operations(definitions: dict[str, Any]) -> None:
    """An operation or endpoint may be a text, and in a table `call` may stand for method and path; an operation may
    take what it lacks from another one or from the endpoint. Protected operations and jobs may be tables by name."""
    for name in ("Operation", "Endpoint"):
        definitions[name].pop("required", None)
        definitions[name]["properties"]["call"] = {"type": "string", "pattern": f"^{CALL.pattern}$"}
        definitions[f"Written{name}"] = {
            "anyOf": [{"type": "string", "pattern": f"^{CALL.pattern}$"}, {"$ref": _REFERENCE.format(model=name)}]
        }
    contract = definitions["Contract"]["properties"]
    contract["endpoint"] = {"$ref": _REFERENCE.format(model="WrittenEndpoint")}
    for name, model in zip(NAMED, ("ProtectedOperation", "Job"), strict=True):
        definitions[model]["required"].remove("name")
        contract[name] = {
            "if": {"type": "object"},
            "then": {"additionalProperties": {"$ref": _REFERENCE.format(model=model)}},
            "else": contract[name],
        }
    for name in ("Contract", "ProtectedOperation", "RateLimit", "Metrics", "Change", "CleanUp"):
        _refer_to_written(definitions[name])


def _refer_to_written(part: Any) -> None:
    if isinstance(part, list):
        for one in part:
            _refer_to_written(one)
    if isinstance(part, dict):
        if part.get("$ref") == _REFERENCE.format(model="Operation"):
            part["$ref"] = _REFERENCE.format(model="WrittenOperation")
        for one in part.values():
            _refer_to_written(one)


def _without_derived(definition: dict[str, Any], derived: tuple[str, ...]) -> None:
    for key in derived:
        definition.get("properties", {}).pop(key, None)
    required = [key for key in definition.pop("required", []) if key not in derived]
    if required:
        definition["required"] = required


def _reached_from(definitions: dict[str, Any], name: str) -> set[str]:
    """The definition of this name and all that it refers to."""
    reached: set[str] = set()
    pending = [name]
    while pending:
        reference = pending.pop()
        if reference not in reached:
            reached.add(reference)
            pending += _references(definitions[reference])
    return reached


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"].rpartition("/")[2]
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def _allow_variables(part: Any) -> None:
    """Any value may be a text with `${VARIABLE}`, also if the value itself is no text."""
    if isinstance(part, list):
        for entry in part:
            _allow_variables(entry)
    if not isinstance(part, dict):
        return
    for key, value in part.items():
        if key != "properties":
            _allow_variables(value)
    for name, value in part.get("properties", {}).items():
        _allow_variables(value)
        if value.get("type") in _PLAIN or not _CHECKED.isdisjoint(value):
            annotations = {key: value.pop(key) for key in ("default", "title") if key in value}
            part["properties"][name] = {"anyOf": [value, _VARIABLE], **annotations}
