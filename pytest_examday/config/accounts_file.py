"""Candidates' accounts from CSV: with passwords, with prepared tokens, or with neither if the rehearsal signs tokens.

A platform may limit the log-ins of one network address. All candidates of a rehearsal share one address; with prepared
or signed tokens they stay below that limit.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from pytest_examday.config.configuration_file import Table, folder_of
from pytest_examday.config.mint import Mint, with_mint
from pytest_examday.config.mistakes import Mistakes, Place
from pytest_examday.config.text_file import UnreadableFile, read_text
from pytest_examday.contract.sent_headers import NO_HEADER_VALUE, fits_into_header
from pytest_examday.did_you_mean import did_you_mean

_COLUMNS = ("email", "password", "access_token", "refresh_token", "id")
_COLUMNS_TO_SIGN = ("email", "id")
"""The columns of a file of people whose tokens are signed."""
_BESIDE_FILE = ("lifetime", "logins_per_second", "mint")
"""Keys of the table that may stand beside `file`."""
_MOST_LISTED = 20
"""The most mistakes of one file that are reported; a file with the wrong separator has one in every line."""


def with_accounts(table: Table, config_file: Path | None, place: Place, mistakes: Mistakes) -> Table | None:
    """Complete the configuration table of the candidates: add its `kind`, and the accounts that its `file` lists.

    A relative `file` starts at the folder of the configuration file. Every mistake is noted, with file and line number;
    if there is one the result is None.
    """
    table = with_mint(table, config_file, place, mistakes)
    if "file" not in table:
        return {**table, "kind": "commanded" if "command" in table else "counted"}
    beside = {name: value for name, value in table.items() if name in _BESIDE_FILE}
    mint = table.get("mint")
    unknown = [] if mint is None else mint.unknown(ids=True)
    for within, words in unknown:
        mistakes.add((*place, *within), words)
    surplus = [name for name in table if name != "file" and name not in beside]
    for name in surplus:
        mistakes.add((*place, name), "not allowed beside `file`, which lists the accounts")
    where = (*place, "file")
    if not isinstance(table["file"], str):
        mistakes.add(where, "must be the path of a CSV file, as a text")
        return None
    if mistakes.follows_from_another(where):
        return None
    path = folder_of(config_file) / table["file"]
    accounts: list[Table] = []
    mistakes_of_file = list(_mistakes_of(path, accounts, mint))
    for line in mistakes_of_file[:_MOST_LISTED]:
        mistakes.add(where, f"{path}: {line}")
    if len(mistakes_of_file) > _MOST_LISTED:
        mistakes.add(where, f"{path}: {len(mistakes_of_file) - _MOST_LISTED} more mistakes")
    return (
        None
        if mistakes_of_file or surplus or unknown
        else {**beside, "kind": "listed", "file": path, "listed": tuple(accounts), "made_at": path.stat().st_mtime}
    )


def _mistakes_of(path: Path, accounts: list[Table], mint: Mint | None) -> Iterator[str]:
    try:
        text = read_text(path)
    except UnreadableFile as reason:
        yield str(reason)
    else:
        yield from account_mistakes(text, accounts, mint)


def account_mistakes(text: str, accounts: list[Table], mint: Mint | None = None) -> Iterator[str]:
    """The mistakes in this CSV, each with its line. The accounts of the good lines are added to the list. With `mint`,
    which makes their tokens, they need neither password nor token."""
    try:
        yield from _rows(csv.reader(io.StringIO(text, newline=""), strict=True), accounts, mint)
    except csv.Error as problem:
        yield f"cannot be read: {problem}"


def _rows(lines: Iterator[list[str]], accounts: list[Table], mint: Mint | None) -> Iterator[str]:
    columns = [name.strip() for name in next(lines, [])]
    valid = _COLUMNS if mint is None else _COLUMNS_TO_SIGN
    unknown = [name for name in columns if name not in valid]
    if unknown or "email" not in columns or len(set(columns)) < len(columns):
        yield (
            f"line 1: {''.join(did_you_mean(name, valid) for name in unknown[:3])}valid columns: "
            f"{', '.join(valid)}, each at most once, and email is needed"
        )
        return
    with_id = mint is not None and bool(mint.unknown(ids=False))
    seen: dict[str, int] = {}
    empty = True
    for number, fields in enumerate(lines, start=2):
        if not fields:
            continue
        empty = False
        account = {name: field.strip() for name, field in zip(columns, fields, strict=False) if field.strip()}
        wrong = _wrong(account, columns, fields) or _cannot_enter(account, mint, with_id=with_id)
        if wrong is None and (before := seen.setdefault(account["email"], number)) != number:
            wrong = f"{account['email']} is on line {before} already"
        if wrong is None:
            accounts.append(account if mint is None else {**account, "mint": mint})
        else:
            yield f"line {number}: {wrong}"
    if empty:
        yield "lists no candidate"


def _wrong(account: dict[str, str], columns: list[str], fields: list[str]) -> str | None:
    """The mistakes in one line of the file. The words never repeat the fields, because they are secrets."""
    if len(fields) != len(columns):
        return f"{len(fields)} fields, and there are {len(columns)} columns"
    if "email" not in account:
        return "the e-mail is missing"
    if not fits_into_header(account.get("access_token", "")):
        return f"the access_token {NO_HEADER_VALUE}"
    return None


def _cannot_enter(account: dict[str, str], mint: Mint | None, *, with_id: bool) -> str | None:
    """Why nobody can log in with this account; None if somebody can. `with_id`: signed tokens hold the id."""
    if mint is not None:
        return "the id is missing, which the claims of `mint` hold" if with_id and "id" not in account else None
    return None if "password" in account or "access_token" in account else "needs a password, or an access_token"
