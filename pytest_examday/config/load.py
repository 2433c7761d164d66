"""The one way from the options of a run to its environment."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from pytest_examday.config.environment import Environment
from pytest_examday.config.profiles import PROFILE_NAMES, PROFILES, Profile, ProfileName
from pytest_examday.config.source import Table, expand, locate
from pytest_examday.errors import UsageProblem

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
) -> Environment:
    """The environment called `name`.

    Raises UsageProblem, one line that names the key and the valid choices, for an unknown environment or
    profile, a malformed file, an unset variable, an unknown key or a bad value.
    """
    variables = os.environ if variables is None else variables
    path, table = locate(config_file, folders)
    source = str(path) if path else "configuration"
    _refuse_unknown(table, _TABLES, source)
    environments = {"local": {}, **_tables(table, "env", source)}
    if name not in environments:
        hint = "" if path else f"; no examday.toml in {', '.join(map(str, folders))}"
        raise UsageProblem(f"--env {name}: unknown environment; choose one of: {', '.join(sorted(environments))}{hint}")
    chosen = expand(environments[name], f"{source}: env.{name}", variables)
    merged = _with_defaults(name, chosen, variables, path)
    merged["profile"] = _profile(profile, _tables(table, "profile", source), source)
    return _validated(Environment, {"name": name, **merged}, f"{source}: env.{name}")


def _refuse_unknown(table: Table, known: tuple[str, ...], source: str) -> None:
    for key in table:
        if key not in known:
            raise UsageProblem(f"{source}: unknown table [{key}]; valid tables: {', '.join(known)}")


def _tables(table: Table, key: str, source: str) -> dict[str, Table]:
    tables = table.get(key, {})
    if not isinstance(tables, dict) or not all(isinstance(value, dict) for value in tables.values()):
        raise UsageProblem(f"{source}: [{key}.NAME] must be tables")
    return tables


def _with_defaults(name: str, chosen: Table, variables: Mapping[str, str], path: Path | None) -> Table:
    merged = {**LOCAL, **chosen} if name == "local" else dict(chosen)
    if name != "local":
        for key, variable in _SEED_VARIABLES.items():
            if variables.get(variable):
                merged.setdefault(key, variables[variable])
    runtime = merged.get("runtime")
    if path is not None and isinstance(runtime, dict) and isinstance(runtime.get("state"), str):
        merged["runtime"] = {**runtime, "state": str(path.parent / runtime["state"])}
    return merged


def _profile(asked: str | None, overrides: dict[str, Table], source: str) -> Profile:
    for name in (*overrides, *filter(None, (asked,))):
        if name not in PROFILE_NAMES:
            raise UsageProblem(f"unknown profile {name!r}; choose one of: {', '.join(PROFILE_NAMES)}")
    chosen: ProfileName = asked or "smoke"  # type: ignore[assignment] # checked just above
    merged = _merge(PROFILES[chosen].model_dump(), overrides.get(chosen, {}))
    return _validated(Profile, merged, f"{source}: profile.{chosen}")


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


def explain(problem: ValidationError, kind: type[Any], where: str) -> str:
    """The first of the validation errors as one line that names the key and the valid choices."""
    error = problem.errors(include_url=False, include_input=False)[0]
    location = ".".join(str(part) for part in error["loc"])
    key = f"{where}.{location}" if location else where
    if error["type"] == "extra_forbidden":
        parent: Any = kind
        for part in error["loc"][:-1]:
            field = getattr(parent, "model_fields", {}).get(part)
            parent = field.annotation if field is not None else None
        valid = ", ".join(getattr(parent, "model_fields", ())) or "see the configuration reference"
        return f"{key}: unknown key; valid keys: {valid}"
    return f"{key}: {error['msg']}"
