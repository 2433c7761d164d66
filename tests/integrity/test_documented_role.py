"""The SQL of the guide `docs/staging.md` makes a role by which all can be judged and nothing written."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.errors import InsufficientPrivilege

from pytest_examday.contract.embedded_preset import SCHEMA
from pytest_examday.integrity.sql_checks import run_checks
from pytest_examday.target.database import read_only

GUIDE = Path(__file__).parents[2] / "docs" / "staging.md"
ROLE, LEFT = re.findall(r"```sql\n(.*?)```", GUIDE.read_text(), re.DOTALL)


@pytest.fixture
def auditor(server: str) -> Iterator[str]:
    """The address of the database for the role of the guide."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(ROLE.encode())
        yield make_conninfo(server, user="auditor", password="change me")
        connection.execute("DROP OWNED BY auditor")
        connection.execute("DROP ROLE auditor")


def test_it_can_read_all_that_is_judged(auditor: str) -> None:
    with read_only(auditor) as connection:
        assert {check.count for check in run_checks((connection,), SCHEMA)} == {0}
        assert connection.execute(LEFT.encode()).fetchone() == {"count": 0}


def test_it_can_write_nothing(auditor: str) -> None:
    with psycopg.connect(auditor, autocommit=True) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute("DELETE FROM exam_sessions")
