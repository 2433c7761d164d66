"""Writes the table of keys in `docs/staging-suite.md` from the records of the configuration:
`python -m tests.staging_keys`."""

from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from pytest_examday.record import Record
from pytest_examday.suites.staging.migrations.settings import MigrationCommands, MigrationsSettings, TenantSettings

PAGE = Path(__file__).parents[1] / "docs" / "staging-suite.md"
_TABLES: dict[str, dict[str, type[Record]]] = {
    "migrations": {"": MigrationsSettings, "commands.": MigrationCommands, "tenants.": TenantSettings},
}
"""Name of a section -> what stands before the keys of a record, and the record."""


def with_tables(page: str) -> str:
    """The page with its tables as the records are now."""
    for section, records in _TABLES.items():
        rows = ["| key | default | meaning |", "| --- | --- | --- |"]
        rows += [
            f"| `{prefix}{name}` | {_default(field)} | {_cell(field.description or '')} |"
            for prefix, kind in records.items()
            for name, field in kind.model_fields.items()
        ]
        begin, end = f"<!-- keys of {section}, by python -m tests.staging_keys -->", "<!-- end -->"
        table = "\n".join(rows)
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}\n\n{table}\n\n{end}{rest.partition(end)[2]}"
    return page


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    return _written(field.get_default(call_default_factory=True, validated_data={}))


def _written(value: Any) -> str:
    """The value as TOML writes it, or in words."""
    if value is None or value == {}:
        return "none"
    match value:
        case Path():
            return "that of the configuration file"
        case bool():
            return f"`{str(value).lower()}`"
        case str():
            return f'`"{value}"`' if value else "empty"
        case tuple() | list():
            items = ", ".join(f'"{item}"' if isinstance(item, str) else str(item) for item in value)
            return f"`[{items}]`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def _cell(text: str) -> str:
    """The text on one line; a sentence of a docstring may have several."""
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text()))
