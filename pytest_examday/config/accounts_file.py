"""Candidates' accounts from a CSV file: with passwords, or with tokens that were made before the exam.

A platform may limit the logins of one network address. All candidates of a rehearsal share one address, so tokens that
were made before the exam keep them below that limit.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from pytest_examday.config.configuration_file import Table
from pytest_examday.config.mistakes import Mistakes, Place
from pytest_examday.config.text_file import UnreadableFile, read_text
from pytest_examday.spelling import did_you_mean

_COLUMNS = ("email", "password", "access_token", "refresh_token")
_BESIDE_FILE = ("logins_per_second",)
"""Keys of the table that may stand beside `file`."""
_MOST_TOLD = 20
"""Mistakes of one file; a file with the wrong separator has one in every line."""


def with_accounts(table: Table, config_file: Path | None, place: Place, mistakes: Mistakes) -> Table | None:
    """Complete the configuration table of the candidates: add its `kind`, and the accounts that its `file` lists.

    A relative `file` starts at the folder of the configuration file. Every mistake is noted, with file and line number;
    where there is one the result is None.
    """
    if "file" not in table:
        return {**table, "kind": "counted"}
    beside = {name: value for name, value in table.items() if name in _BESIDE_FILE}
    surplus = [name for name in table if name != "file" and name not in beside]
    for name in surplus:
        mistakes.add((*place, name), "not allowed beside `file`, which lists the accounts")
    where = (*place, "file")
    if not isinstance(table["file"], str):
        mistakes.add(where, "must be the path of a CSV file, as a text")
        return None
    if mistakes.explains(where):
        return None
    path = (config_file.parent if config_file else Path.cwd()) / table["file"]
    accounts: list[dict[str, str]] = []
    told = list(_mistakes_of(path, accounts))
    for line in told[:_MOST_TOLD]:
        mistakes.add(where, f"{path}: {line}")
    if len(told) > _MOST_TOLD:
        mistakes.add(where, f"{path}: {len(told) - _MOST_TOLD} more mistakes")
    return None if told or surplus else {**beside, "kind": "listed", "file": path, "listed": tuple(accounts)}


def _mistakes_of(path: Path, accounts: list[dict[str, str]]) -> Iterator[str]:
    """What is wrong with the file, each with its line. The accounts of the good lines are added to the list."""
    try:
        lines = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
        yield from _rows(lines, accounts)
    except UnreadableFile as reason:
        yield str(reason)
    except csv.Error as problem:
        yield f"cannot be read: {problem}"


def _rows(lines: Iterator[list[str]], accounts: list[dict[str, str]]) -> Iterator[str]:
    columns = [name.strip() for name in next(lines, [])]
    unknown = [name for name in columns if name not in _COLUMNS]
    if unknown or "email" not in columns or len(set(columns)) < len(columns):
        yield (
            f"line 1: {''.join(did_you_mean(name, _COLUMNS) for name in unknown[:3])}valid columns: "
            f"{', '.join(_COLUMNS)}, each at most once, and email is needed"
        )
        return
    seen: dict[str, int] = {}
    empty = True
    for number, fields in enumerate(lines, start=2):
        if not fields:
            continue
        empty = False
        account = {name: field.strip() for name, field in zip(columns, fields, strict=False) if field.strip()}
        told = _wrong(account, columns, fields)
        if told is None and (before := seen.setdefault(account["email"], number)) != number:
            told = f"{account['email']} is on line {before} already"
        if told is None:
            accounts.append(account)
        else:
            yield f"line {number}: {told}"
    if empty:
        yield "lists no candidate"


def _wrong(account: dict[str, str], columns: list[str], fields: list[str]) -> str | None:
    """What is wrong with one line of the file. The words never repeat the fields, because they are secrets."""
    if len(fields) != len(columns):
        return f"{len(fields)} fields, and there are {len(columns)} columns"
    if "email" not in account:
        return "the e-mail is missing"
    if "password" not in account and "access_token" not in account:
        return "needs a password, or an access_token"
    return None
