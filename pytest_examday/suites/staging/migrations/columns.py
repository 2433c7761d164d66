"""What is known of the columns of all tables, so that rows can be written that their constraints accept."""

from dataclasses import dataclass, field

from pytest_examday.suites.staging.migrations.own_objects import own_objects
from pytest_examday.suites.staging.migrations.scratch import Connection

_COLUMNS = """
    SELECT n.nspname || '.' || c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
        format_type(coalesce(nullif(y.typbasetype, 0), y.oid), NULL), y.typcategory, a.attnotnull,
        a.atthasdef, a.attidentity <> '' OR a.attgenerated <> '',
        CASE WHEN format_type(coalesce(nullif(y.typbasetype, 0), y.oid), NULL) IN ('character varying', 'character')
             THEN nullif(greatest(a.atttypmod, y.typtypmod), -1) - 4 END,
        ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid IN (y.oid, y.typelem) ORDER BY e.enumsortorder)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_type y ON y.oid = a.atttypid
    WHERE <own pg_class c> AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0
        AND NOT a.attisdropped
    ORDER BY 1, a.attnum
    """
_CHECKS = """
    SELECT n.nspname || '.' || c.relname, pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE <own pg_class c> AND k.contype = 'c' ORDER BY 1, 2
    """
_FOREIGN_KEYS = """
    SELECT n.nspname || '.' || c.relname, m.nspname || '.' || p.relname, k.conname, k.convalidated,
        ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(number, place)
              JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.place),
        ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(number, place)
              JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY u.place)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace m ON m.oid = p.relnamespace
    WHERE <own pg_class c> AND k.contype = 'f' AND k.conparentid = 0 AND NOT c.relispartition ORDER BY 1, 3
    """
_PARTITIONS = """
    SELECT n.nspname || '.' || c.relname, pg_get_partkeydef(c.oid), pg_get_expr(x.relpartbound, x.oid)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_inherits i ON i.inhparent = c.oid
        JOIN pg_class x ON x.oid = i.inhrelid
    WHERE <own pg_class c> AND c.relkind = 'p' ORDER BY 1, x.relname
    """


@dataclass(frozen=True)
class Column:
    """One column."""

    name: str
    type: str
    """Its type, for a cast."""
    base: str
    """Its type without length, of a domain the type below it."""
    category: str
    """The category of the type, as in `pg_type.typcategory`."""
    not_null: bool
    has_default: bool
    generated: bool
    """Whether PostgreSQL makes its values."""
    length: int | None
    """The most characters of its texts."""
    labels: tuple[str, ...]
    """The labels of an enum, or of the elements of an array of enums."""


@dataclass(frozen=True)
class ForeignKey:
    """One foreign key."""

    table: str
    parent: str
    name: str
    valid: bool
    columns: tuple[str, ...]
    parent_columns: tuple[str, ...]


@dataclass(frozen=True)
class Structure:
    """The tables of a database, as far as rows for them depend on it."""

    columns: dict[str, tuple[Column, ...]] = field(default_factory=dict)
    checks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Table -> the definitions of its CHECK constraints."""
    foreign_keys: tuple[ForeignKey, ...] = ()
    partitions: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    """Partitioned table -> its key, and the bounds of its partitions."""

    def with_later(self, later: "Structure") -> "Structure":
        """This structure with the constraints that later migrations add, as far as its tables and columns have them:
        rows of a real service satisfy them already."""

        def has(table: str, columns: tuple[str, ...]) -> bool:
            return set(columns) <= {column.name for column in self.columns.get(table, ())}

        own = {(key.table, key.columns) for key in self.foreign_keys}
        more = tuple(
            key
            for key in later.foreign_keys
            if (key.table, key.columns) not in own
            and has(key.table, key.columns)
            and has(key.parent, key.parent_columns)
        )
        checks = {
            table: tuple(dict.fromkeys((*self.checks.get(table, ()), *later.checks.get(table, ()))))
            for table in self.columns
        }
        return Structure(self.columns, checks, (*self.foreign_keys, *more), self.partitions)


def read_structure(connection: Connection) -> Structure:
    """Read it from the catalog."""
    columns: dict[str, list[Column]] = {}
    for table, name, *rest in connection.execute(own_objects(_COLUMNS)).fetchall():
        kind, base, category, not_null, has_default, generated, length, labels = rest
        columns.setdefault(table, []).append(
            Column(name, kind, base, category, not_null, has_default, generated, length, tuple(labels))
        )
    checks: dict[str, list[str]] = {}
    for table, words in connection.execute(own_objects(_CHECKS)).fetchall():
        checks.setdefault(table, []).append(words)
    partitions: dict[str, tuple[str, list[str]]] = {}
    for table, key, bound in connection.execute(own_objects(_PARTITIONS)).fetchall():
        partitions.setdefault(table, (key, []))[1].append(bound)
    keys = (
        ForeignKey(table, parent, name, valid, tuple(own), tuple(others))
        for table, parent, name, valid, own, others in connection.execute(own_objects(_FOREIGN_KEYS)).fetchall()
    )
    return Structure(
        {table: tuple(found) for table, found in columns.items()},
        {table: tuple(found) for table, found in checks.items()},
        tuple(keys),
        {table: (key, tuple(bounds)) for table, (key, bounds) in partitions.items()},
    )
