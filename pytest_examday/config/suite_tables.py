"""The tables that suites have of their own in an environment: `[env.NAME.SUITE]`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pytest_examday.config.beside_configuration import ConfigurationFolder
from pytest_examday.config.configuration_file import Table
from pytest_examday.config.environment import Environment
from pytest_examday.config.mistakes import Mistakes, Place
from pytest_examday.config.validated_record import validated_record
from pytest_examday.config.validation_errors import keys_of
from pytest_examday.did_you_mean import did_you_mean
from pytest_examday.record import Record


@dataclass(frozen=True)
class SuiteTables:
    """The suites that have a table of their own, with the records that their tables are read into."""

    records: Mapping[str, type[Record]]
    """Name of a suite -> its record."""
    complete: bool
    """Whether no other suite has a table. A command does not load the suites of a conftest.py, so it cannot know."""


UNKNOWN_TABLES = SuiteTables({}, complete=False)
"""For a reader of the configuration who knows no suite."""


def take_suite_tables(
    merged: Table, tables: SuiteTables, folder: Path, place: Place, mistakes: Mistakes
) -> dict[str, Record]:
    """Take the tables of suites out of the table of an environment and read them: name of a suite -> its record.

    Relative paths begin at `folder`. Every mistake is noted at its key. If other suites may have tables, a table whose
    name is unknown and resembles no key is taken out and not read.
    """
    taken = {suite: merged.pop(suite) for suite in tables.records if suite in merged}
    if not tables.complete:
        valid = (*keys_of(Environment), *Environment.SET_BY_PLUGIN, *tables.records)
        for key in [key for key, value in merged.items() if isinstance(value, dict)]:
            if key not in valid and not did_you_mean(key, valid):
                del merged[key]
    read: dict[str, Record] = {}
    for suite, table in taken.items():
        here = (*place, suite)
        if not isinstance(table, dict):
            mistakes.add(here, "must be a table")
            continue
        record = validated_record(tables.records[suite], table, here, mistakes, ConfigurationFolder(folder))
        if record is not None:
            read[suite] = record
    return read
