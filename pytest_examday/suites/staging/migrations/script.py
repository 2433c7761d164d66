"""One file of SQL, and how it is to be run."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pytest_examday.suites.staging.migrations.settings import Transactions
from pytest_examday.suites.staging.migrations.statements import Statement, split

_SAYS_NONE = re.compile(
    r"^\s*--.*\b(?:no[- ]transaction|transaction\s*:\s*false|txmode\s+none|disable_ddl_transaction)", re.IGNORECASE
)
_SETTINGS = re.compile(r"\balter\s+(?:database|role|user|system)\b", re.IGNORECASE)
_DOWN = re.compile(r"^\s*--\s*(?:\+goose\s+down|migrate:down|rambler\s+down)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Script:
    """One file of SQL."""

    name: str
    """The name of the file, for messages."""
    text: str
    transactions: Transactions = "auto"
    """The rule of the configuration for this file."""

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """Its statements. Raises UnsplittableSql if it needs `psql`."""
        return split(self.text)

    @cached_property
    def in_transaction(self) -> bool:
        """Whether the rehearsal runs the file in one transaction."""
        if self.transactions != "auto":
            return self.transactions == "always"
        return not (
            any(statement.refuses_transaction or statement.controls_transaction for statement in self.statements)
            or any(map(_SAYS_NONE.match, self.text.splitlines()))
        )

    @property
    def line_of_way_back(self) -> int | None:
        """The line on which the file's own rollback begins; None if the file is a way forward only."""
        lines = enumerate(self.text.splitlines(), 1)
        return next((number for number, line in lines if _DOWN.match(line)), None)

    @property
    def changes_settings(self) -> bool:
        """Whether it may change settings of the database or of a role, which only new connections have."""
        return _SETTINGS.search(self.text) is not None

    @property
    def created_roles(self) -> frozenset[str]:
        """The names that may be roles which the file creates, in small letters; a text within `DO` counts too."""
        return frozenset(name.lower() for name in re.findall(r"(?i)\bcreate\s+(?:role|user)\s+\"?(\w+)", self.text))

    @property
    def created_tables(self) -> frozenset[str]:
        """The names of the tables that the file creates, without schema and in small letters."""
        found = re.findall(r"(?i)\bcreate\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?([\w.\"]+)", self.text)
        return frozenset(name.replace('"', "").rsplit(".", 1)[-1].lower() for name in found)


def read_script(path: Path, base: Path, transactions: Transactions = "auto") -> Script:
    """The script of a file. Raises OSError or UnicodeDecodeError if it cannot be read."""
    try:
        name = path.relative_to(base).as_posix()
    except ValueError:
        name = path.name
    return Script(name, path.read_text(encoding="utf-8-sig"), transactions)
