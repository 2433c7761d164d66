"""A file with one SQL query: a header comment that says what the query is for, and the query."""

import re
from pathlib import Path
from typing import Literal, get_args

from pytest_examday.record import Record

Kind = Literal["check", "summary"]
Severity = Literal["failure", "information"]
_HEADER = re.compile(r"^-- (name|title|expect|kind|severity|seconds): (.+)$", re.MULTILINE)
_NEEDED = ("name", "title", "expect")
_BARE_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


class SqlFile(Record):
    """A query of the kind `check` returns offending rows, one of the kind `summary` returns counts.

    Rows of a check fail its line; with the severity `information` they are only reported. `seconds` is how long the
    query takes with a million answers (`docs/benchmarks.md`); None if the file does not say it.
    """

    name: str
    title: str
    expect: str
    text: str
    path: Path
    kind: Kind = "check"
    severity: Severity = "failure"
    seconds: float | None = None


def sql_file(path: Path, text: str) -> SqlFile:
    """The query in the text of this file. Raises ValueError, in words, if the header comment lacks something or
    says what cannot be."""
    header = {key: value.strip() for key, value in _HEADER.findall(text)}
    missing = [key for key in _NEEDED if key not in header]
    if missing or header["name"] != path.stem:
        raise ValueError("the header comment must give name (= the file's), title and expect")
    if not _BARE_NAME.fullmatch(path.stem):
        raise ValueError("the name must be of small letters, digits and _, and begin with a letter")
    for key, valid in (("kind", get_args(Kind)), ("severity", get_args(Severity))):
        if key in header and header[key] not in valid:
            raise ValueError(f"{key} {header[key]!r} is none of {', '.join(valid)}")
    query = _HEADER.sub("", text).strip().rstrip(";").rstrip()
    if not query:
        raise ValueError("there is no query below the header comment")
    return SqlFile.model_validate({**header, "seconds": _seconds(header), "text": query, "path": path})


def _seconds(header: dict[str, str]) -> float | None:
    seconds = header.get("seconds")
    if seconds is None:
        return None
    try:
        return float(seconds)
    except ValueError:
        raise ValueError(f"seconds {seconds!r} is not a number") from None
