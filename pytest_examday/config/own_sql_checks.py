"""A user's own SQL checks: the files that `sql_checks` of an environment names."""

from pathlib import Path
from typing import Any

from pytest_examday.config.configuration_file import folder_of
from pytest_examday.config.mistakes import Mistakes, Place
from pytest_examday.config.text_file import UnreadableFile, read_text
from pytest_examday.contract.sql_file import SqlFile, sql_file
from pytest_examday.resources import folder


def own_sql_checks(patterns: Any, config_file: Path | None, place: Place, mistakes: Mistakes) -> tuple[SqlFile, ...]:
    """The checks in the files that match the patterns, in the order of their names.

    Relative patterns start at the folder of the configuration file. Every mistake is noted: a pattern that matches no
    file, a file that cannot be read, a header comment that lacks something, a name that another check has.
    """
    if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
        mistakes.add(place, "must be a list of file patterns, such as ['checks/*.sql']")
        return ()
    base = folder_of(config_file)
    found: dict[str, SqlFile] = {}
    taken = {path.stem: f"sql/{path.name} of pytest-examday" for path in folder("sql").glob("*.sql")}
    for number, pattern in enumerate(patterns):
        where = (*place, number)
        if mistakes.follows_from_another(where):
            continue
        paths = _matching(base, pattern)
        if not paths:
            mistakes.add(where, f"{pattern}: no file matches in {base}")
        for path in paths:
            try:
                check = _read(path)
                if check.name in taken and taken[check.name] != str(path):
                    raise ValueError(f"the name is taken by {taken[check.name]}")
            except (ValueError, UnreadableFile) as problem:
                mistakes.add(where, f"{path}: {problem}")
            else:
                found[check.name] = check
                taken[check.name] = str(path)
    return tuple(found[name] for name in sorted(found))


def _read(path: Path) -> SqlFile:
    check = sql_file(path, read_text(path))
    if check.kind != "check":
        raise ValueError(f"kind {check.kind!r} is not for files of your own; leave it out")
    return check


def _matching(base: Path, pattern: str) -> list[Path]:
    """The files; the path itself if it has no wildcard, so that a missing file is reported as missing."""
    if not any(sign in pattern for sign in "*?["):
        return [base / pattern]
    try:
        whole = Path(pattern)
        root = Path(whole.anchor) if whole.is_absolute() else base
        return sorted(root.glob(str(whole.relative_to(whole.anchor) if whole.is_absolute() else whole)))
    except (ValueError, NotImplementedError, OSError):
        return []
