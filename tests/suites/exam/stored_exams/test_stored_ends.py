"""Candidates of the load were shown the ends that are stored; what cannot be compared accuses nobody."""

import pytest

from pytest_examday.contract.embedded_preset import SCHEMA
from pytest_examday.contract.schema import Schema
from pytest_examday.evidence.figures import ActorFate
from pytest_examday.suites.exam.evidence import StoredEnds
from pytest_examday.suites.exam.stored_exams.stored_ends import compare_ends
from pytest_examday.target.database import Connection
from tests import builders

from .test_database_source import ACTIVE, SUBMITTED


@pytest.fixture
def stored(clean: Connection) -> dict[str, float]:
    """The stored ends by session."""
    rows = clean.execute("SELECT id::text AS id, extract(epoch FROM expires_at)::float8 AS end FROM exam_sessions")
    return {str(row["id"]): float(str(row["end"])) for row in rows}


def _fate(session: str, told: float | None, finished_at: float | None = None) -> ActorFate:
    return builders.fate("ada", subject=session, shown_end=told, finished_at=finished_at)


def test_the_same_end_is_compared_and_nothing_differs(clean: Connection, stored: dict[str, float]) -> None:
    fates = [_fate(SUBMITTED.upper(), stored[SUBMITTED] + 59), _fate(ACTIVE, stored[ACTIVE])]
    assert compare_ends(clean, SCHEMA, fates, 0) == StoredEnds(compared=2, different=0)


def test_another_stored_end_is_told_with_both(clean: Connection, stored: dict[str, float]) -> None:
    found = compare_ends(clean, SCHEMA, [_fate(ACTIVE, stored[ACTIVE] + 3600), _fate(SUBMITTED, stored[SUBMITTED])], 0)
    assert found is not None
    assert (found.compared, found.different) == (2, 1)
    assert str(found.first).startswith(f"ada, session {ACTIVE}: shown 2")


def test_grace_is_no_difference(clean: Connection, stored: dict[str, float]) -> None:
    found = compare_ends(clean, SCHEMA, [_fate(ACTIVE, stored[ACTIVE] - 100)], 45)
    assert found == StoredEnds(compared=1, different=0)


def test_an_end_that_the_submit_has_set_is_not_compared(clean: Connection, stored: dict[str, float]) -> None:
    assert compare_ends(clean, SCHEMA, [_fate(ACTIVE, stored[ACTIVE] + 3600, stored[ACTIVE] + 30)], 0) is None


def test_without_a_shown_end_nothing_is_compared(clean: Connection) -> None:
    assert compare_ends(clean, SCHEMA, [_fate(ACTIVE, None)], 0) is None


@pytest.mark.parametrize("expression", ["expires_at::timestamp", "NULL", "expires_at::text"])
def test_a_column_without_a_time_zone_or_a_value_is_not_compared(
    clean: Connection, stored: dict[str, float], expression: str
) -> None:
    sessions = SCHEMA.relations["sessions"]
    columns = {**sessions.columns, "expires_at": expression}
    changed = sessions.model_copy(update={"columns": columns})
    schema = Schema(name="other", relations={**SCHEMA.relations, "sessions": changed})
    assert compare_ends(clean, schema, [_fate(ACTIVE, stored[ACTIVE] + 3600)], 0) is None
