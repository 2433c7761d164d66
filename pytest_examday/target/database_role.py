"""What the database allows to the role of the rehearsal, which needs to read only."""

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


def may_write(connection: Connection) -> str | None:
    """In words what the role may write; None if it may only read. The rehearsal writes nothing either way, because
    each of its transactions is READ ONLY, but a function or another server may be out of the reach of that."""
    row = connection.execute(_MAY_WRITE).fetchone() or {"role": "?", "everything": False, "tables": 0}
    if row["everything"]:
        return f"the role {row['role']} is a superuser; one that may only read is enough"
    if row["tables"]:
        return f"the role {row['role']} may write to {row['tables']} tables; one that may only read is enough"
    return None
