"""Makes the environment of a run from its options and the configuration file."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from pytest_examday.config.accounts_file import with_accounts
from pytest_examday.config.configuration_file import Table, folder_of, locate
from pytest_examday.config.described_platform import PARTS, described_platform
from pytest_examday.config.environment import Environment
from pytest_examday.config.healing_variables import fill_to_heal
from pytest_examday.config.hosts import addresses_at_unnamed_hosts
from pytest_examday.config.mint import with_mint
from pytest_examday.config.mistakes import Mistakes, Place, place_text
from pytest_examday.config.named_variables import named_variables
from pytest_examday.config.own_sql_checks import own_sql_checks
from pytest_examday.config.profiles import (
    PROFILE_NAMES,
    PROFILES,
    Profile,
)
from pytest_examday.config.short_operations import with_operations
from pytest_examday.config.suite_names import SuiteNames
from pytest_examday.config.suite_tables import UNKNOWN_TABLES, SuiteTables, take_suite_tables
from pytest_examday.config.validated_record import validated_record
from pytest_examday.config.validation_errors import unknown_key
from pytest_examday.config.variables import Filling
from pytest_examday.did_you_mean import did_you_mean
from pytest_examday.record import Record

LOCAL: Table = {"runtime": {"kind": "embedded"}, "allow": ["read", "write", "disrupt"]}
"""The environment that needs no configuration: the embedded platform, on which everything is allowed."""

_TABLES = ("env", "profile")
_VARIABLE_OF_KEY = {"api_url": "API_URL", "auth_token": "AUTH_TOKEN"}
_CHANGES: dict[str, tuple[str, ...]] = {"exam_mode": ("on", "off"), "clean_up": ()}
"""The keys of an environment that hold changes, and the keys below them; none if the key is a change itself."""
_NAME = re.compile(r"\w[\w .@+-]{0,59}")
"""The name of an environment. It becomes part of the name of the run directory."""


def load_environment(
    name: str,
    profile: str | None,
    config_file: str | None,
    folders: tuple[Path, ...],
    variables: Mapping[str, str] | None = None,
    *,
    healing: bool = False,
    known: SuiteNames | None = None,
    tables: SuiteTables = UNKNOWN_TABLES,
) -> Environment:
    """The environment called `name`.

    With `healing`, keys that healing does not need may refer to variables that are not set; they are left out. With
    `known`, the names of drills and promises are compared with those of the suites. `tables` says which suites have a
    table of their own.

    Raises UsageProblem with every mistake that the chosen environment and profile have, each in one line that names
    file and key: an unknown environment or profile, an unset variable, an unknown key, a bad value, a bad line in the
    file of accounts. A file that cannot be read or parsed is one mistake.
    """
    variables = os.environ if variables is None else variables
    path, table = locate(config_file, folders)
    mistakes = Mistakes(str(path) if path else "configuration")
    _note_unknown_tables(table, mistakes)
    environments = {"local": {}, **_tables(table, "env", mistakes)}
    chosen_profile = _profile(profile, _tables(table, "profile", mistakes), mistakes, known)
    if name not in environments:
        if not _stands_in_a_misspelled_table(table, name):
            hint = "" if path else f"; no examday.toml in {', '.join(map(str, folders))}"
            valid = sorted(filter(_NAME.fullmatch, environments))
            message = f"{did_you_mean(name, valid)}choose one of: {', '.join(valid)}{hint}"
            mistakes.add_line(f"--env {name}: unknown environment; {message}")
        for other in environments:
            _refuse_name(other, mistakes)
        mistakes.refuse()
    written = environments[name]
    place: Place = ("env", name)
    _refuse_name(name, mistakes)
    merged = _with_defaults(name, _filled(written, place, variables, mistakes, healing=healing), variables, path)
    merged = _with_parts_read(merged, path, place, mistakes)
    _require_login(merged, place, mistakes)
    described = {part: merged.pop(part) for part in PARTS if part in merged}
    platform = described_platform(described, place, mistakes)
    if platform is not None and "database_url" in merged and platform.schema_if_described is None:
        mistakes.add(
            (*place, "database_url"),
            f"needs {place_text((*place, 'schema'))}, which says where the answers stand; "
            "without database_url the stored state is read through the API",
        )
    suites = take_suite_tables(merged, tables, folder_of(path), place, mistakes)
    _take_out_derived(merged, Environment, place, mistakes, tuple(tables.records))
    named = named_variables(written, variables)
    environment = validated_record(
        Environment,
        {
            **merged,
            "name": name,
            "profile": chosen_profile or Profile(),
            "suites": suites,
            "variables": named.secret,
            "plain_variables": named.plain,
        }
        | ({"platform": platform} if platform else {}),
        place,
        mistakes,
        known,
        more_keys=tuple(tables.records),
    )
    if environment is not None:
        for within, message in addresses_at_unnamed_hosts(environment, written, place_text(place), variables):
            mistakes.add((*place, *within), message)
    mistakes.refuse()
    assert environment is not None, "without a mistake there is an environment"
    return environment


def _refuse_name(name: str, mistakes: Mistakes) -> None:
    """Note that a name of an environment is not valid. It is no mistake of the place, so that mistakes below it are
    reported too."""
    if not _NAME.fullmatch(name):
        message = "the name must be of letters, digits, blanks and . @ + - _, and at most 60 of them"
        mistakes.add_line(f"{mistakes.source}: {place_text(('env', name))}: {message}")


def _with_parts_read(table: Table, path: Path | None, place: Place, mistakes: Mistakes) -> Table:
    """The environment's table with its accounts, keys and SQL checks read from their files, and with the operations of
    its changes written out."""
    merged = dict(table)
    if isinstance(merged.get("candidates"), dict):
        merged["candidates"] = with_accounts(merged["candidates"], path, (*place, "candidates"), mistakes)
    if isinstance(merged.get("admin"), dict):
        merged["admin"] = with_mint(merged["admin"], path, (*place, "admin"), mistakes)
    if "sql_checks" in merged:
        merged["sql_checks"] = own_sql_checks(merged["sql_checks"], path, (*place, "sql_checks"), mistakes)
    for changes, keys in _CHANGES.items():
        if changes in merged:
            here, contract = (*place, changes), merged.get("contract")
            merged[changes] = with_operations(merged[changes], keys, contract, here, mistakes)
    return merged


def _require_login(merged: Table, place: Place, mistakes: Mistakes) -> None:
    """Note that the contract has no `login`, if it describes a platform itself and somebody enters by one."""
    contract, candidates, admin = (merged.get(name) for name in ("contract", "candidates", "admin"))
    if not isinstance(contract, dict) or "login" in contract:
        return
    absent = contract.get("absent")
    if "preset" in contract and not (isinstance(absent, list) and "login" in absent):
        return
    listed = candidates.get("listed", ()) if isinstance(candidates, dict) else ()
    by_password = [
        name
        for name, passwords in (
            ("candidates", [candidates, *listed]),
            ("admin", [admin]),
        )
        if any(
            isinstance(account, dict) and account.get("password") and not account.get("access_token")
            for account in passwords
        )
    ]
    if by_password:
        message = f"is missing; {' and '.join(by_password)} log in with a password"
        mistakes.add((*place, "contract", "login"), f"{message}, unless they have `mint` or prepared tokens")


def _note_unknown_tables(table: Table, mistakes: Mistakes) -> None:
    """Note each table of the file that is not one of those that there are."""
    for name in table:
        if name not in _TABLES:
            where = "keys of an environment belong below [env.NAME]; " if name in Environment.model_fields else ""
            message = f"unknown table; {where}{did_you_mean(name, _TABLES)}valid tables: {', '.join(_TABLES)}"
            mistakes.add((name,), message)


def _stands_in_a_misspelled_table(table: Table, name: str) -> bool:
    return any(
        isinstance(value, dict) and name in value and did_you_mean(key, _TABLES)
        for key, value in table.items()
        if key not in _TABLES
    )


def _take_out_derived(
    table: Table, kind: type[Record], place: Place, mistakes: Mistakes, more_keys: tuple[str, ...] = ()
) -> None:
    """Take out the keys that only the plugin sets (`SET_BY_PLUGIN` of the record), and note each as a mistake."""
    for name in kind.SET_BY_PLUGIN:
        if name in table:
            del table[name]
            mistakes.add((*place, name), unknown_key(name, kind, more_keys))


def _tables(table: Table, name: str, mistakes: Mistakes) -> dict[str, Table]:
    tables = table.get(name, {})
    if not isinstance(tables, dict):
        mistakes.add((name,), f"must be tables [{name}.NAME]")
        return {}
    for inner, value in tables.items():
        if not isinstance(value, dict):
            mistakes.add((name, inner), f"must be a table [{name}.NAME]")
    return {inner: value if isinstance(value, dict) else {} for inner, value in tables.items()}


def _filled(written: Table, place: Place, variables: Mapping[str, str], mistakes: Mistakes, *, healing: bool) -> Table:
    filling = Filling(variables)
    filled = fill_to_heal(written, place, filling) if healing else filling.table(written, place)
    filling.note_in(mistakes)
    return filled


def _with_defaults(name: str, chosen: Table, variables: Mapping[str, str], path: Path | None) -> Table:
    merged = _merge(LOCAL, chosen) if name == "local" else dict(chosen)
    if name != "local":
        for key, variable in _VARIABLE_OF_KEY.items():
            if variables.get(variable):
                merged.setdefault(key, variables[variable])
    runtime = merged.get("runtime")
    if path is not None and isinstance(runtime, dict) and isinstance(runtime.get("state"), str):
        merged["runtime"] = {**runtime, "state": str(path.parent / runtime["state"])}
    return merged


def _profile(
    given: str | None, overrides: dict[str, Table], mistakes: Mistakes, known_names: SuiteNames | None
) -> Profile | None:
    valid = ", ".join(PROFILE_NAMES)
    for name in overrides:
        if name not in PROFILE_NAMES:
            mistakes.add(("profile", name), f"unknown profile; {did_you_mean(name, PROFILE_NAMES)}valid: {valid}")
    if given is not None and given not in PROFILE_NAMES:
        meant = did_you_mean(given, PROFILE_NAMES)
        mistakes.add_line(f"--examday-profile {given}: unknown profile; {meant}choose one of: {valid}")
        return None
    chosen = given or "smoke"
    place: Place = ("profile", chosen)
    override = dict(overrides.get(chosen, {}))
    _take_out_derived(override, Profile, place, mistakes)
    return validated_record(Profile, _merge(PROFILES[chosen].model_dump(), override), place, mistakes, known_names)


def _merge(base: Table, override: Table) -> Table:
    merged = dict(base)
    for name, value in override.items():
        below = merged.get(name)
        merged[name] = _merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged
