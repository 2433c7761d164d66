"""Finds the configuration file and reads it."""

import tomllib
from pathlib import Path
from typing import Any

from pytest_examday.config.text_file import UnreadableFile, is_there, read_text
from pytest_examday.errors import UsageProblem

Table = dict[str, Any]

_DEEPEST = 60
"""Levels of tables and lists; no configuration has as many, and each takes part of Python's stack."""


def locate(explicit: str | None, folders: tuple[Path, ...]) -> tuple[Path | None, Table]:
    """The configuration file and its table; (None, {}) if there is none.

    `explicit` is the option's value; otherwise the first of `folders` that holds `examday.toml` or a
    `pyproject.toml` with `[tool.examday]`. Raises UsageProblem for a file that cannot be read or parsed.
    """
    if explicit is not None:
        path = Path(explicit)
        return path, _section(path, "--examday-config ")
    for folder in folders:
        if is_there(folder / "examday.toml"):
            return folder / "examday.toml", _section(folder / "examday.toml")
        project = folder / "pyproject.toml"
        if is_there(project) and (table := _section(project)):
            return project, table
    return None, {}


def _section(path: Path, named_by: str = "") -> Table:
    table = _parse(path, named_by)
    if path.name != "pyproject.toml":
        return table
    tools = table.get("tool", {})
    section = tools.get("examday", {}) if isinstance(tools, dict) else {}
    if not isinstance(section, dict):
        raise UsageProblem(f"{path}: [tool.examday] must be a table")
    return section


def _parse(path: Path, named_by: str) -> Table:
    try:
        table = tomllib.loads(read_text(path))
    except UnreadableFile as reason:
        raise UsageProblem(f"{named_by}{path}: {reason}") from None
    except tomllib.TOMLDecodeError as problem:
        raise UsageProblem(f"{path}: not valid TOML: {' '.join(str(problem).split())}") from None
    except ValueError:  # Python converts no decimal number of more than 4,300 digits
        raise UsageProblem(f"{path}: holds a number that is too long to be read") from None
    except RecursionError:
        raise UsageProblem(f"{path}: {_TOO_DEEP}") from None
    _refuse_too_deep(table, path)
    return table


_TOO_DEEP = f"holds tables or lists that are nested more than {_DEEPEST} levels deep"


def _refuse_too_deep(table: Table, path: Path) -> None:
    level: list[Any] = [table]
    for _ in range(_DEEPEST):
        level = [
            item
            for value in level
            for item in (value.values() if isinstance(value, dict) else value)
            if isinstance(item, (dict, list))
        ]
        if not level:
            return
    raise UsageProblem(f"{path}: {_TOO_DEEP}")


def folder_of(config_file: Path | None) -> Path:
    """The folder at which relative paths of the configuration start: that of the file; without a file, the present
    one."""
    return Path.cwd() if config_file is None else config_file.parent
