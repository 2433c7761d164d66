"""Finds out what the role of the rehearsal may do in the database. It only needs to read."""

from pytest_examday.target.database import Connection

_MAY_WRITE = """
    SELECT current_user AS role, r.rolsuper AS everything, (
        SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname <> 'information_schema'
          AND n.nspname !~ '^pg_' AND has_schema_privilege(n.oid, 'USAGE')
          AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
    ) AS tables
    FROM pg_roles r WHERE r.rolname = current_user
"""


def write_permission_in_words(connection: Connection) -> str | None:
    """What the role of this connection may write, in words; None if it may only read.

    The rehearsal writes nothing in either case, because each of its transactions is READ ONLY. But functions and other
    servers may not respect that.
    """
    row = connection.execute(_MAY_WRITE).fetchone() or {"role": "?", "everything": False, "tables": 0}
    if row["everything"]:
        return f"the role {row['role']} is a superuser; one that may only read is enough"
    if row["tables"]:
        return f"the role {row['role']} may write to {row['tables']} tables; one that may only read is enough"
    return None
