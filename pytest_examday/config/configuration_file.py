"""Finds the configuration file, reads it, and fills in environment variables."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_examday.config.shell_commands import is_command, refuse_single_quotes
from pytest_examday.errors import UsageProblem

_VARIABLE = re.compile(r"\$\{(\w+)\}")

Table = dict[str, Any]


def locate(explicit: str | None, folders: tuple[Path, ...]) -> tuple[Path | None, Table]:
    """The configuration file and its table; (None, {}) where there is none.

    `explicit` is the option's value; otherwise the first of `folders` that holds `examday.toml` or a
    `pyproject.toml` with `[tool.examday]`. Raises UsageProblem for a file that cannot be read or parsed.
    """
    if explicit is not None:
        path = Path(explicit)
        if not path.is_file():
            raise UsageProblem(f"--examday-config {explicit}: no such file")
        return path, _section(path)
    for folder in folders:
        if (folder / "examday.toml").is_file():
            return folder / "examday.toml", _section(folder / "examday.toml")
        project = folder / "pyproject.toml"
        if project.is_file() and (table := _section(project)):
            return project, table
    return None, {}


def _section(path: Path) -> Table:
    table = _parse(path)
    if path.name != "pyproject.toml":
        return table
    tools = table.get("tool", {})
    section = tools.get("examday", {}) if isinstance(tools, dict) else {}
    if not isinstance(section, dict):
        raise UsageProblem(f"{path}: [tool.examday] must be a table")
    return section


def _parse(path: Path) -> Table:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as problem:
        raise UsageProblem(f"{path}: not valid TOML: {problem}") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageProblem(f"{path}: cannot be read: {problem}") from None


def expand(value: Any, where: str, variables: Mapping[str, str] | None = None, path: tuple[str, ...] = ()) -> Any:
    """The value with every `${NAME}` replaced by that environment variable, in nested tables and lists too.

    `path` are the keys of the value in its environment. A shell command stays as it is: it finds the variables in its
    environment, where no other user of the machine sees them.

    Raises UsageProblem, naming key and variable, where the variable is not set, or where a command names one in single
    quotes.
    """
    variables = os.environ if variables is None else variables
    if isinstance(value, dict):
        return {key: expand(item, f"{where}.{key}", variables, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [expand(item, f"{where}[{index}]", variables, path) for index, item in enumerate(value)]
    if not isinstance(value, str):
        return value
    for name in _VARIABLE.findall(value):
        if not variables.get(name):
            raise UsageProblem(f"{where}: the environment variable {name} is not set")
    if is_command(path):
        refuse_single_quotes(value, where)
        return value
    return _VARIABLE.sub(lambda match: variables[match.group(1)], value)


def named_variables(value: Any, variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment variables that the value names as `${NAME}`, as far as they are set."""
    variables = os.environ if variables is None else variables
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return {name: text for item in value for name, text in named_variables(item, variables).items()}
    names = _VARIABLE.findall(value) if isinstance(value, str) else []
    return {name: variables[name] for name in names if variables.get(name)}
