"""Makes the environment of a run from its options and the configuration file."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from pytest_examday.config.accounts_file import with_accounts
from pytest_examday.config.configuration_file import Table, expand, locate, named_variables
from pytest_examday.config.described_platform import PARTS, described_platform, refuse_own_schema_missing
from pytest_examday.config.environment import Environment
from pytest_examday.config.healing_variables import fill as fill_to_heal
from pytest_examday.config.hosts import refuse_unnamed
from pytest_examday.config.profiles import (
    PROFILE_NAMES,
    PROFILES,
    Profile,
    ProfileName,
)
from pytest_examday.config.validation_errors import explain, keys_of
from pytest_examday.errors import UsageProblem
from pytest_examday.record import Record

LOCAL: Table = {"runtime": {"kind": "platform"}, "allow": ["read", "write", "disrupt"]}
"""The environment that needs no configuration: the embedded platform, on which everything is allowed."""

_Kind = TypeVar("_Kind", Environment, Profile)

_TABLES = ("env", "profile")
_SEED_VARIABLES = {"api_url": "API_URL", "auth_token": "AUTH_TOKEN"}


def load_environment(
    name: str,
    profile: str | None,
    config_file: str | None,
    folders: tuple[Path, ...],
    variables: Mapping[str, str] | None = None,
    *,
    healing: bool = False,
) -> Environment:
    """The environment called `name`.

    With `healing`, keys that healing does not need may refer to variables that are not set; they are left out.

    Raises UsageProblem, one line that names the key and the valid choices, for an unknown environment or profile, a
    malformed file, an unset variable, an unknown key or a bad value.
    """
    variables = os.environ if variables is None else variables
    path, table = locate(config_file, folders)
    source = str(path) if path else "configuration"
    _refuse_unknown(table, _TABLES, source)
    environments = {"local": {}, **_tables(table, "env", source)}
    if name not in environments:
        hint = "" if path else f"; no examday.toml in {', '.join(map(str, folders))}"
        raise UsageProblem(f"--env {name}: unknown environment; choose one of: {', '.join(sorted(environments))}{hint}")
    _refuse_derived(environments[name], Environment, f"{source}: env.{name}")
    fill = fill_to_heal if healing else expand
    chosen = fill(environments[name], f"{source}: env.{name}", variables)
    merged = _with_defaults(name, chosen, variables, path)
    if isinstance(merged.get("candidates"), dict):
        merged["candidates"] = with_accounts(merged["candidates"], path, f"{source}: env.{name}.candidates")
    where = f"{source}: env.{name}"
    described = {key: merged.pop(key) for key in PARTS if key in merged}
    merged["platform"] = described_platform(described, where)
    refuse_own_schema_missing(merged["platform"], database="database_url" in merged, where=where)
    merged["variables"] = named_variables(environments[name], variables)
    merged["profile"] = _profile(profile, _tables(table, "profile", source), source)
    environment = _validated(Environment, {"name": name, **merged}, f"{source}: env.{name}")
    refuse_unnamed(environment, environments[name], f"{source}: env.{name}", variables)
    return environment


def _refuse_unknown(table: Table, known: tuple[str, ...], source: str) -> None:
    for key in table:
        if key not in known:
            raise UsageProblem(f"{source}: unknown table [{key}]; valid tables: {', '.join(known)}")


def _refuse_derived(table: Table, kind: type[Record], where: str) -> None:
    """Refuse keys for fields that the plugin sets itself (`DERIVED` of the record)."""
    for key in kind.DERIVED:
        if key in table:
            raise UsageProblem(f"{where}.{key}: unknown key; valid keys: {keys_of(kind)}")


def _tables(table: Table, key: str, source: str) -> dict[str, Table]:
    tables = table.get(key, {})
    if not isinstance(tables, dict) or not all(isinstance(value, dict) for value in tables.values()):
        raise UsageProblem(f"{source}: [{key}.NAME] must be tables")
    return tables


def _with_defaults(name: str, chosen: Table, variables: Mapping[str, str], path: Path | None) -> Table:
    merged = _merge(LOCAL, chosen) if name == "local" else dict(chosen)
    if name != "local":
        for key, variable in _SEED_VARIABLES.items():
            if variables.get(variable):
                merged.setdefault(key, variables[variable])
    runtime = merged.get("runtime")
    if path is not None and isinstance(runtime, dict) and isinstance(runtime.get("state"), str):
        merged["runtime"] = {**runtime, "state": str(path.parent / runtime["state"])}
    return merged


def _profile(asked: str | None, overrides: dict[str, Table], source: str) -> Profile:
    named = [("--examday-profile", asked)] if asked else []
    for where, name in [*((f"{source}: profile.{name}", name) for name in overrides), *named]:
        if name not in PROFILE_NAMES:
            raise UsageProblem(f"{where}: unknown profile {name!r}; choose one of: {', '.join(PROFILE_NAMES)}")
    chosen: ProfileName = asked or "smoke"  # type: ignore[assignment] # checked just above
    where = f"{source}: profile.{chosen}"
    _refuse_derived(overrides.get(chosen, {}), Profile, where)
    return _validated(Profile, _merge(PROFILES[chosen].model_dump(), overrides.get(chosen, {})), where)


def _merge(base: Table, override: Table) -> Table:
    merged = dict(base)
    for key, value in override.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _validated(kind: type[_Kind], values: dict[str, Any], where: str) -> _Kind:
    try:
        return kind.model_validate(values)
    except ValidationError as problem:
        raise UsageProblem(explain(problem, kind, where)) from None
