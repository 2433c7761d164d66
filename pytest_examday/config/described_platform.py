"""Makes the description of a platform from the tables `contract`, `schema` and `log_format` of an environment."""

from typing import Any, TypeVar

from pydantic import ValidationError

from pytest_examday.config.validation_errors import explain
from pytest_examday.contract.description import PlatformDescription
from pytest_examday.contract.log_format import LogFormat
from pytest_examday.contract.operations import Contract
from pytest_examday.contract.schema import Schema
from pytest_examday.errors import UsageProblem
from pytest_examday.record import Record

PRESETS: dict[str, PlatformDescription] = {"reference": PlatformDescription()}
"""The descriptions that a configuration can name; `reference` is that of the embedded platform."""
PARTS: dict[str, type[Record]] = {"contract": Contract, "schema": Schema, "log_format": LogFormat}
"""The keys of an environment that describe its platform."""
_FIELDS = {"contract": "contract", "schema": "described_tables", "log_format": "described_log"}
_OWN = ("preset", "absent")

_Kind = TypeVar("_Kind", bound=Record)


def described_platform(tables: dict[str, Any], where: str) -> PlatformDescription:
    """The description of the platform of an environment; `tables` has those of the keys of `PARTS` that it gives.

    A text is the name of a preset. A table describes the platform itself: nothing is taken from a preset, unless
    `preset` names one, of which single keys are then replaced, and of which the operations in `absent` are left out.
    Where the environment gives no key, its platform speaks as the embedded one does; where it gives a contract of its
    own, nothing is assumed about its tables and its log lines.

    Raises UsageProblem, one line that names the key, for an unknown preset, an unknown key or a bad value.
    """
    own = isinstance(tables.get("contract"), dict) and "preset" not in tables["contract"]
    made: dict[str, Any] = {}
    for key, kind in PARTS.items():
        if key in tables:
            made[_FIELDS[key]] = _part(kind, tables[key], f"{where}.{key}", key)
        elif own:
            made[_FIELDS[key]] = None
    return PlatformDescription(**made)


def _part(kind: type[_Kind], told: Any, where: str, key: str) -> _Kind:
    if isinstance(told, str):
        told = {"preset": told}
    if not isinstance(told, dict):
        raise UsageProblem(f"{where}: must be the name of a preset ({', '.join(PRESETS)}) or a table")
    own = {name: value for name, value in told.items() if name not in _OWN}
    preset = told.get("preset")
    base: dict[str, Any] = {"name": "configured"}
    if preset is None and "absent" in told:
        raise UsageProblem(f"{where}.absent: belongs to a preset; what is not described is absent")
    if preset is not None:
        if preset not in PRESETS:
            raise UsageProblem(f"{where}.preset: there is no preset {preset!r}; choose one of: {', '.join(PRESETS)}")
        base = getattr(PRESETS[preset], _FIELDS[key]).model_dump(exclude_unset=True)
    for name in _absent(kind, told.get("absent", []), where):
        base.pop(name, None)
    try:
        return kind.model_validate(_merged(base, own))
    except ValidationError as problem:
        raise UsageProblem(explain(problem, kind, where)) from None


def _absent(kind: type[Record], told: Any, where: str) -> list[str]:
    """The names in `absent`; raises UsageProblem for one that can not be left out."""
    optional = sorted(name for name, field in kind.model_fields.items() if not field.is_required())
    for name in told if isinstance(told, list) else [told]:
        if name not in optional:
            raise UsageProblem(f"{where}.absent: {name!r} cannot be left out; valid: {', '.join(optional)}")
    return list(told)


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


def refuse_own_schema_missing(description: PlatformDescription, *, database: bool, where: str) -> None:
    """Raise UsageProblem where a database is named and nobody says where answers stand in it."""
    if database and description.described_tables is None:
        raise UsageProblem(
            f"{where}.database_url: needs {where.rpartition(': ')[2]}.schema, which says where the answers stand; "
            "without database_url the API is the witness"
        )
