"""Finds the configuration file, reads it, and fills in environment variables."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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


def expand(value: Any, where: str, variables: Mapping[str, str] | None = None) -> Any:
    """The value with every `${NAME}` replaced by that environment variable, in nested tables and lists too.

    Raises UsageProblem, naming key and variable, where the variable is not set.
    """
    variables = os.environ if variables is None else variables
    if isinstance(value, dict):
        return {key: expand(item, f"{where}.{key}", variables) for key, item in value.items()}
    if isinstance(value, list):
        return [expand(item, f"{where}[{index}]", variables) for index, item in enumerate(value)]
    if not isinstance(value, str):
        return value
    for name in _VARIABLE.findall(value):
        if not variables.get(name):
            raise UsageProblem(f"{where}: the environment variable {name} is not set")
    return _VARIABLE.sub(lambda match: variables[match.group(1)], value)
