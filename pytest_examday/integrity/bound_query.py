"""Binds a query over the relations of a schema to the tables of one platform."""

import re

from psycopg import sql

from pytest_examday.contract.schema import TYPES, Relation, Schema


def trusted_sql(text: str) -> sql.SQL:
    """The text as SQL, unquoted. Only for files of `sql/` and the platform's schema, whose authors may run any SQL."""
    return sql.SQL(text)


def bound_query(query: sql.Composable, schema: Schema) -> sql.Composed:
    """The query, after common table expressions that define the relations that it names.

    A relation may have the same name as the platform's table, for instance `sessions`: inside of a non-recursive CTE
    the name means the table."""
    text = query.as_string(None)
    named = [name for name in schema.relations if re.search(rf"\b{name}\b", text)]
    if not named:
        return sql.Composed([query])
    heads = sql.SQL(",\n     ").join(
        sql.SQL("{} AS NOT MATERIALIZED ({})").format(sql.Identifier(name), relation_query(schema.relations[name]))
        for name in named
    )
    # The query may begin with a WITH of its own; there can only be one, so its expressions follow ours.
    joined = re.sub(r"\A(\s*)WITH\s", r"\1, ", text, count=1, flags=re.IGNORECASE)
    return sql.SQL("WITH {}\n{}").format(heads, trusted_sql(joined))


def _typed(column: str, expression: str) -> str:
    """The expression; a bare NULL, which would be a text, has the type of its column."""
    lacking = expression.strip().upper() == "NULL" and column in TYPES
    return f"NULL::{TYPES[column]}" if lacking else expression


def relation_query(relation: Relation) -> sql.Composed:
    """The SELECT that gives the relation from the platform's table."""
    columns = sql.SQL(", ").join(
        sql.SQL("{} AS {}").format(trusted_sql(_typed(name, expression)), sql.Identifier(name))
        for name, expression in relation.columns.items()
    )
    return sql.SQL("SELECT {} FROM {}").format(columns, trusted_sql(relation.table))
