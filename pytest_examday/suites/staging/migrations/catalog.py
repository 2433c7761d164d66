"""Reads all objects of a database from the catalog of PostgreSQL, each with its whole definition."""

from collections.abc import Iterable
from dataclasses import dataclass

from pytest_examday.suites.staging.migrations.evidence import IndexState
from pytest_examday.suites.staging.migrations.own_objects import own_objects
from pytest_examday.suites.staging.migrations.scratch import Connection

_QUERIES = (
    """
    SELECT 'schema ' || n.nspname, '', concat_ws('; ', pg_get_userbyid(n.nspowner), n.nspacl)
    FROM pg_namespace n WHERE <own pg_namespace n>
    """,
    "SELECT 'extension ' || extname, '', extversion FROM pg_extension",
    """
    SELECT CASE t.typtype WHEN 'd' THEN 'domain ' ELSE 'type ' END || n.nspname || '.' || t.typname, '',
        concat_ws('; ', t.typtype, pg_get_userbyid(t.typowner), t.typacl,
            (SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
            (SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)
             FROM pg_attribute a WHERE a.attrelid = t.typrelid AND t.typtype = 'c' AND NOT a.attisdropped),
            CASE t.typtype WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod) END, t.typdefault, t.typnotnull,
            (SELECT string_agg(k.conname || ' ' || pg_get_constraintdef(k.oid), ', ' ORDER BY k.conname)
             FROM pg_constraint k WHERE k.contypid = t.oid),
            (SELECT format_type(r.rngsubtype, NULL) FROM pg_range r WHERE r.rngtypid = t.oid))
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
    WHERE <own pg_type t> AND t.typtype IN ('e', 'd', 'c', 'r')
        AND (t.typtype <> 'c' OR c.relkind = 'c')
    """,
    """
    SELECT CASE c.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'materialized view ' WHEN 'S' THEN 'sequence '
            WHEN 'f' THEN 'foreign table ' ELSE 'table ' END || n.nspname || '.' || c.relname, c.relname,
        concat_ws('; ', c.relkind, c.relpersistence, pg_get_userbyid(c.relowner), c.relacl, c.reloptions,
            'row security ' || c.relrowsecurity, 'forced ' || c.relforcerowsecurity,
            CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
            CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END, pg_get_expr(c.relpartbound, c.oid),
            (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) FROM pg_inherits i
             WHERE i.inhrelid = c.oid),
            (SELECT concat_ws(' ', format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax,
             s.seqcycle) FROM pg_sequence s WHERE s.seqrelid = c.oid))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE <own pg_class c> AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    """,
    """
    SELECT 'column ' || n.nspname || '.' || c.relname || '.' || a.attname, c.relname,
        concat_ws('; ', format_type(a.atttypid, a.atttypmod), 'not null ' || a.attnotnull,
            pg_get_expr(x.adbin, x.adrelid), nullif(a.attidentity, ''), nullif(a.attgenerated, ''), a.attacl,
            CASE WHEN a.attcollation <> y.typcollation THEN a.attcollation::regcollation END)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_type y ON y.oid = a.atttypid
        LEFT JOIN pg_attrdef x ON x.adrelid = a.attrelid AND x.adnum = a.attnum
    WHERE <own pg_class c> AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
    """,
    """
    SELECT 'constraint ' || n.nspname || '.' || c.relname || '.' || k.conname, c.relname,
        concat_ws('; ', pg_get_constraintdef(k.oid), 'valid ' || k.convalidated)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE <own pg_class c>
    """,
    """
    SELECT 'index ' || n.nspname || '.' || c.relname, t.relname,
        concat_ws('; ', pg_get_indexdef(c.oid), 'valid ' || i.indisvalid, 'ready ' || i.indisready)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE <own pg_class c>
    """,
    """
    SELECT 'policy ' || n.nspname || '.' || c.relname || '.' || p.polname, c.relname,
        concat_ws('; ', p.polcmd, p.polpermissive,
            (SELECT string_agg(coalesce(r.rolname, 'PUBLIC'), ', ' ORDER BY r.rolname)
             FROM unnest(p.polroles) u LEFT JOIN pg_roles r ON r.oid = u),
            'using ' || pg_get_expr(p.polqual, p.polrelid), 'check ' || pg_get_expr(p.polwithcheck, p.polrelid))
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE <own pg_class c>
    """,
    """
    SELECT 'trigger ' || n.nspname || '.' || c.relname || '.' || t.tgname, c.relname,
        concat_ws('; ', pg_get_triggerdef(t.oid), t.tgenabled)
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE <own pg_class c> AND NOT t.tgisinternal
    """,
    """
    SELECT 'rule ' || n.nspname || '.' || c.relname || '.' || r.rulename, c.relname, pg_get_ruledef(r.oid)
    FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE <own pg_class c> AND r.rulename <> '_RETURN'
    """,
    """
    SELECT 'function ' || p.oid::regprocedure, '',
        concat_ws('; ', pg_get_userbyid(p.proowner), p.proacl,
            CASE WHEN p.prokind = 'a' THEN 'aggregate' ELSE pg_get_functiondef(p.oid) END)
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE <own pg_proc p>
    """,
    """
    SELECT 'statistics ' || n.nspname || '.' || s.stxname, '', pg_get_statisticsobjdef(s.oid)
    FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE <own pg_statistic_ext s>
    """,
    """
    SELECT 'comment on ' || pg_describe_object(classoid, objoid, objsubid), '', description
    FROM pg_description WHERE objoid >= 16384 AND classoid <> 'pg_extension'::regclass
    """,
    "SELECT 'event trigger ' || evtname, '', concat_ws('; ', evtevent, evtfoid::regprocedure, evtenabled) "
    "FROM pg_event_trigger",
    "SELECT 'publication ' || pubname, '', concat_ws('; ', puballtables, pubinsert, pubupdate, pubdelete) "
    "FROM pg_publication",
    "SELECT 'default privileges ' || concat_ws(' ', pg_get_userbyid(defaclrole), defaclnamespace::regnamespace, "
    "defaclobjtype), '', defaclacl::text FROM pg_default_acl",
)
_ALL = own_objects("\nUNION ALL\n".join(_QUERIES))
_INDEXES = """
    SELECT n.nspname || '.' || c.relname, i.indisvalid AND i.indisready,
        EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE <own pg_class c> ORDER BY 1
    """
_INVALID_CONSTRAINTS = """
    SELECT n.nspname || '.' || c.relname || '.' || k.conname
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE <own pg_class c> AND NOT k.convalidated AND k.contype <> 'f' ORDER BY 1
    """
_DISABLED_TRIGGERS = """
    SELECT n.nspname || '.' || c.relname || '.' || t.tgname
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE <own pg_class c> AND t.tgenabled = 'D' AND NOT t.tgisinternal ORDER BY 1
    """
_TABLES = """
    SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE <own pg_class c> AND c.relkind IN ('r', 'p') ORDER BY 1
    """


@dataclass(frozen=True)
class Catalog:
    """All objects of a database: name with kind -> definition."""

    objects: dict[str, str]

    def tables(self) -> tuple[str, ...]:
        """The tables, partitions too."""
        return tuple(sorted(key.removeprefix("table ") for key in self.objects if key.startswith("table ")))

    def of_table(self, table: str) -> dict[str, str]:
        """The objects of one table, with their definitions."""
        own = (f"table {table}", f"column {table}.", f"constraint {table}.", f"trigger {table}.")
        return {key: words for key, words in self.objects.items() if key == own[0] or key.startswith(own[1:])}


def read_catalog(connection: Connection, bookkeeping: Iterable[str] = ()) -> Catalog:
    """Read the catalog. Tables of these names, without schema, are left out."""
    left_out = set(bookkeeping)
    connection.execute("SET search_path = pg_catalog")  # so that every name is written with its schema
    rows = connection.execute(_ALL).fetchall()
    connection.execute("RESET search_path")
    kept = (row for row in rows if row[1] not in left_out and not _of_sequence(str(row[0]), left_out))
    return Catalog({str(key): str(words) for key, _, words in kept})


def _of_sequence(key: str, tables: set[str]) -> bool:
    """Whether the key names a sequence of one of these tables."""
    return key.startswith("sequence ") and any(key.rsplit(".", 1)[-1].startswith(f"{table}_") for table in tables)


def read_indexes(connection: Connection) -> tuple[IndexState, ...]:
    """All indexes."""
    rows = connection.execute(own_objects(_INDEXES))
    return tuple(IndexState(name=name, valid=valid, of_constraint=of) for name, valid, of in rows)


def read_tables(connection: Connection, bookkeeping: Iterable[str] = ()) -> tuple[str, ...]:
    """The names of all tables, with schema."""
    left_out = set(bookkeeping)
    names = [str(row[0]) for row in connection.execute(own_objects(_TABLES))]
    return tuple(name for name in names if name.rsplit(".", 1)[-1] not in left_out)


def read_invalid_constraints(connection: Connection) -> tuple[str, ...]:
    """The constraints, other than foreign keys, that were never checked against all rows."""
    return tuple(str(row[0]) for row in connection.execute(own_objects(_INVALID_CONSTRAINTS)))


def read_disabled_triggers(connection: Connection) -> tuple[str, ...]:
    """The triggers of users that are disabled."""
    return tuple(str(row[0]) for row in connection.execute(own_objects(_DISABLED_TRIGGERS)))
