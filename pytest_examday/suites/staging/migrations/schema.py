"""The schema of a scratch database, read in two ways and compared: from the catalog, and by `pg_dump`."""

import re
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.migrations.catalog import Catalog, read_catalog
from pytest_examday.suites.staging.migrations.evidence import SchemaChanges
from pytest_examday.suites.staging.migrations.scratch import ScratchServer
from pytest_examday.suites.staging.postgres_programs import libpq_environment

_NOISE = re.compile(r"^(?:--|\\(?:un)?restrict\b|SET\s|SELECT pg_catalog\.set_config)|^\s*$")
_DUMP_SECONDS = 60
_EXAMPLE_LENGTH = 120


@dataclass(frozen=True)
class Schema:
    """The schema of a database."""

    catalog: Catalog
    dump: Counter[str] | None = None
    """The lines of `pg_dump --schema-only` without noise. Their order is not compared: a column that was dropped and
    added again is the last one. None if it was not read."""

    def changes_to(self, other: "Schema") -> SchemaChanges:
        """How the other schema, which should be this one, differs. The dumps are compared if both were read."""
        mine, theirs = self.catalog.objects, other.catalog.objects
        one, two = self.dump, other.dump
        dumped = Counter[str]() if one is None or two is None else (two - one) + (one - two)
        return SchemaChanges(
            left=tuple(sorted(_outermost(theirs.keys() - mine.keys()))),
            missing=tuple(sorted(_outermost(mine.keys() - theirs.keys()))),
            changed=tuple(sorted(key for key in mine.keys() & theirs.keys() if mine[key] != theirs[key])),
            dump_lines=sum(dumped.values()),
            dump_example=min(dumped, default="")[:_EXAMPLE_LENGTH],
        )


@dataclass(frozen=True)
class SchemaReader:
    """Reads the schemas of scratch databases."""

    server: ScratchServer
    pg_dump: Path
    bookkeeping: tuple[str, ...] = ()

    def read(self, *, dumped: bool = False) -> Schema:
        """The schema. Without `dumped` it is read from the catalog alone, which takes less time."""
        return Schema(read_catalog(self.server.reader(), self.bookkeeping), self._dump() if dumped else None)

    def _dump(self) -> Counter[str]:
        left_out = [f"--exclude-table=*.{name}*" for name in self.bookkeeping]
        done = subprocess.run(
            [str(self.pg_dump), "--schema-only", "--no-password", *left_out],
            env=libpq_environment(self.server.scratch_address),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
            encoding="utf-8",
            timeout=_DUMP_SECONDS,
        )
        if done.returncode != 0:
            said = (done.stderr.strip().splitlines() or ["it printed nothing"])[0]
            raise Unmeasurable(f"{self.pg_dump.name} cannot read the schema: {said}")
        return normalised(done.stdout.splitlines())


def normalised(lines: Iterable[str]) -> Counter[str]:
    """The lines of a dump without comments, settings, and what differs between versions of `pg_dump`."""
    return Counter(line.rstrip(" ,") for line in lines if not _NOISE.match(line))


def _outermost(keys: Iterable[str]) -> set[str]:
    """The keys without what belongs to a table or view that is among them."""
    named = set(keys)
    owners = {key.split(" ")[-1] for key in named if key.startswith(("table ", "view ", "materialized view "))}

    def is_part(key: str) -> bool:
        kind, _, name = key.partition(" ")
        return kind in ("column", "constraint", "policy", "trigger", "rule") and name.rsplit(".", 1)[0] in owners

    return {key for key in named if not is_part(key)}
