"""Makes the description of a platform from the tables `contract`, `schema` and `log_format` of an environment."""

from typing import Any, TypeVar

from pytest_examday.config.mistakes import Mistakes, Place
from pytest_examday.config.short_operations import completed, place_of_named, with_calls
from pytest_examday.config.validated_record import validated_record
from pytest_examday.contract.contract import Contract
from pytest_examday.contract.description import PlatformDescription
from pytest_examday.contract.embedded_preset import CONTRACT, LOG_FORMAT, SCHEMA
from pytest_examday.contract.log_format import LogFormat
from pytest_examday.contract.log_presets import LOG_PRESETS
from pytest_examday.contract.schema import Schema
from pytest_examday.did_you_mean import did_you_mean
from pytest_examday.record import Record

PARTS: dict[str, type[Record]] = {"contract": Contract, "schema": Schema, "log_format": LogFormat}
"""The keys of an environment that describe its platform."""
PRESETS: dict[str, dict[str, Record]] = {
    "contract": {"reference": CONTRACT},
    "schema": {"reference": SCHEMA},
    "log_format": {"reference": LOG_FORMAT, **LOG_PRESETS},
}
"""For each key of `PARTS` the descriptions that a configuration can name; `reference` is that of the embedded
platform."""
_FIELDS = {"contract": "contract", "schema": "schema_if_described", "log_format": "log_format_if_described"}
_OWN = ("preset", "absent")

_Kind = TypeVar("_Kind", bound=Record)


def described_platform(tables: dict[str, Any], place: Place, mistakes: Mistakes) -> PlatformDescription | None:
    """The description of the platform of an environment; `tables` has those of the keys of `PARTS` that it gives.

    A text is the name of a preset. A table describes the platform itself. A table with the key `preset` begins with
    that preset: its other keys replace those of the preset, and the operations in its list `absent` are left out. If
    the environment gives no key, its platform is described as the embedded one. If it gives a contract without a
    preset, nothing is assumed about its tables and its log lines.

    Every unknown preset, unknown key and bad value is noted; the result is then None.
    """
    own = isinstance(tables.get("contract"), dict) and "preset" not in tables["contract"]
    made: dict[str, Any] = {}
    for key, kind in PARTS.items():
        if key in tables:
            made[_FIELDS[key]] = _part(kind, tables[key], (*place, key), mistakes)
        elif own:
            made[_FIELDS[key]] = None
    if any(made[_FIELDS[key]] is None for key in tables):
        return None
    return PlatformDescription(**made)


def _part(kind: type[_Kind], given: Any, place: Place, mistakes: Mistakes) -> _Kind | None:
    presets = next(PRESETS[key] for key, part in PARTS.items() if part is kind)
    if isinstance(given, str):
        given = {"preset": given}
    if not isinstance(given, dict):
        mistakes.add(place, f"must be the name of a preset ({', '.join(presets)}) or a table")
        return None
    own = {name: value for name, value in given.items() if name not in _OWN}
    base = _base(kind, presets, given, place, mistakes)
    if kind is LogFormat and isinstance(own.get("of"), dict):
        own["of"] = _formats_of_logs(own["of"], (*place, "of"), mistakes)
    if kind is not Contract:
        return validated_record(kind, _merged(base, own), place, mistakes)
    whole = completed(_merged(base, with_calls(own, place, mistakes)))
    return validated_record(kind, whole, place, mistakes, written=lambda below: place_of_named(own, place, below))


def _formats_of_logs(given: dict[str, Any], place: Place, mistakes: Mistakes) -> dict[str, LogFormat]:
    """The formats by the patterns of their logs. Each has a name of its own."""
    formats = {pattern: _part(LogFormat, form, (*place, pattern), mistakes) for pattern, form in given.items()}
    return {
        pattern: form.model_copy(update={"name": f"{form.name} of {pattern}"})
        for pattern, form in formats.items()
        if form is not None
    }


def _base(
    kind: type[Record], presets: dict[str, Record], given: dict[str, Any], place: Place, mistakes: Mistakes
) -> dict[str, Any]:
    """What a table's own keys are added to: the preset without what is absent, or a name alone."""
    preset = given.get("preset")
    base: dict[str, Any] = {"name": "configured"}
    if preset is None:
        if "absent" in given:
            mistakes.add((*place, "absent"), "belongs to a preset; what is not described is absent")
        return base
    if not isinstance(preset, str) or preset not in presets:
        message = f"there is no preset {preset!r}" if isinstance(preset, str) else "must be the name of a preset"
        meant = did_you_mean(preset, presets)
        mistakes.add((*place, "preset"), f"{message}; {meant}choose one of: {', '.join(presets)}")
        preset = next(iter(presets))  # so that the other keys are looked at all the same
    base = presets[preset].model_dump(exclude_unset=True)
    optional = sorted(name for name, field in kind.model_fields.items() if not field.is_required())
    absent = given.get("absent", [])
    for number, name in enumerate(absent if isinstance(absent, list) else [absent]):
        if name in optional:
            base.pop(name, None)
        else:
            shown = repr(name) if isinstance(name, str) else "this"
            meant = did_you_mean(name, optional)
            where = (*place, "absent", number) if isinstance(absent, list) else (*place, "absent")
            mistakes.add(where, f"{shown} cannot be left out; {meant}valid: {', '.join(optional)}")
    return base


def _merged(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """The base with the user's keys; tables in tables are merged, but for the body of an operation."""
    merged = dict(base)
    for key, value in own.items():
        below = merged.get(key)
        if isinstance(below, dict) and isinstance(value, dict) and key != "body":
            merged[key] = _merged(below, value)
        else:
            merged[key] = value
    return merged
