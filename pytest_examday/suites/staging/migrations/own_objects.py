"""Which objects of a database are the chain's: not those of PostgreSQL itself, and not those of extensions."""

import re

_OWN_SCHEMA = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'"
_NOT_OF_EXTENSION = (
    "NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '{catalog}'::regclass AND d.objid = {alias}.oid "
    "AND d.deptype = 'e')"
)
_CONDITION = re.compile(r"<own (?P<catalog>\w+) (?P<alias>\w)>")


def own_objects(query: str) -> bytes:
    """The query with its conditions written out: `<own pg_class c>` means that the object with the alias `c`, whose
    schema has the alias `n`, is the chain's."""
    return _CONDITION.sub(_written_out, query).encode()


def _written_out(condition: re.Match[str]) -> str:
    return f"{_OWN_SCHEMA} AND {_NOT_OF_EXTENSION.format(**condition.groupdict())}"
