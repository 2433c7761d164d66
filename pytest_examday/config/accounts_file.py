"""Candidates' accounts from a CSV file: with passwords, or with tokens that were made before the exam.

A platform may limit the logins of one network address. All candidates of a rehearsal share one address, so tokens that
were made before the exam keep them below that limit.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from pytest_examday.config.configuration_file import Table
from pytest_examday.errors import UsageProblem

_COLUMNS = ("email", "password", "access_token", "refresh_token")


def with_accounts(table: Table, config_file: Path | None, where: str) -> Table:
    """Complete the configuration table of the candidates: add its `kind`, and the accounts that its `file` lists.

    A relative `file` starts at the folder of the configuration file. Raises UsageProblem, one line with file, line
    number and problem.
    """
    if "file" not in table:
        return {"kind": "counted", **table}
    unknown = [key for key in table if key not in ("kind", "file")]
    if unknown:
        raise UsageProblem(f"{where}.{unknown[0]}: not allowed beside `file`, which lists the accounts")
    if not isinstance(table["file"], str):
        raise UsageProblem(f"{where}.file: must be the path of a CSV file")
    path = (config_file.parent if config_file else Path.cwd()) / table["file"]
    return {"kind": "listed", "file": path, "listed": tuple(_accounts(path, f"{where}.file"))}


def _accounts(path: Path, where: str) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _rows(path, csv.reader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        text = problem.strerror if isinstance(problem, OSError) else str(problem)
        raise UsageProblem(f"{where}: {path}: cannot be read: {text}") from None


def _rows(path: Path, lines: Iterator[list[str]]) -> Iterator[dict[str, str]]:
    columns = [name.strip() for name in next(lines, [])]
    unknown = [name for name in columns if name not in _COLUMNS]
    if unknown or "email" not in columns or len(set(columns)) < len(columns):
        raise UsageProblem(
            f"{path}: line 1: {_wrong(columns)}; valid columns: {', '.join(_COLUMNS)}, "
            "each at most once, and email is needed"
        )
    seen: dict[str, int] = {}
    for number, fields in enumerate(lines, start=2):
        if fields:
            account = _account(f"{path}: line {number}", columns, fields)
            if (before := seen.setdefault(account["email"], number)) != number:
                raise UsageProblem(f"{path}: line {number}: {account['email']} is on line {before} already")
            yield account
    if not seen:
        raise UsageProblem(f"{path}: lists no candidate")


def _wrong(columns: list[str]) -> str:
    """What is wrong with the first line. What is no column is not repeated: in a file without a header it is a
    password."""
    known = [name for name in columns if name in _COLUMNS]
    if not known:
        return "has no header" if columns else "the columns are missing"
    unknown = [f"column {place} is unknown" for place, name in enumerate(columns, start=1) if name not in _COLUMNS]
    return f"the columns are {', '.join(known)}" + "".join(f", and {text}" for text in unknown)


def _account(where: str, columns: list[str], fields: list[str]) -> dict[str, str]:
    """The account of one line of the file. Messages never repeat the fields, because they are secrets."""
    if len(fields) != len(columns):
        raise UsageProblem(f"{where}: {len(fields)} fields, and there are {len(columns)} columns")
    account = {name: field.strip() for name, field in zip(columns, fields, strict=True) if field.strip()}
    if "email" not in account:
        raise UsageProblem(f"{where}: the e-mail is missing")
    if "password" not in account and "access_token" not in account:
        raise UsageProblem(f"{where}: needs a password, or an access_token")
    return account
