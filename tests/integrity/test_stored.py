"""Reading what the database holds of the sessions of a ledger."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_examday.contract.reference import SCHEMA
from pytest_examday.errors import Unmeasurable
from pytest_examday.integrity.ledgers import reconcile_ledgers
from pytest_examday.integrity.stored import fetch
from pytest_examday.load.ledger import LedgerWriter
from pytest_examday.site import Connection
from tests.integrity.test_sql_checks import CLEAN

SUBMITTED, ACTIVE = "00000000-0000-0000-0000-0000000000a1", "00000000-0000-0000-0000-0000000000a2"
PERSON = "00000000-0000-0000-0000-00000000000a"
FIRST, SECOND, THIRD = (f"00000000-0000-0000-0000-0000000000f{n}" for n in (1, 2, 3))


class _Site(SimpleNamespace):
    """A site whose database is the test's own transaction."""

    connection: Connection

    @contextmanager
    def database(self) -> Iterator[Connection]:
        yield self.connection


@pytest.fixture
def site(tmp_path: Path, connection: Connection) -> _Site:
    """A run directory and a database with clean rows."""
    connection.execute(CLEAN.encode())
    (tmp_path / "ledger").mkdir()
    return _Site(directory=tmp_path, schema=SCHEMA, connection=connection)


def test_a_session_comes_with_its_answers_and_its_frozen_key(site: _Site) -> None:
    found = fetch(site.connection, SCHEMA, [SUBMITTED])
    assert list(found) == [SUBMITTED]
    session = found[SUBMITTED]
    assert (session.owner, session.status, session.score) == (PERSON, "SUBMITTED", 1)
    assert {key: answer.value for key, answer in session.answers.items()} == {FIRST: "A", SECOND: "B"}
    assert session.correct == {FIRST: "A", SECOND: "A", THIRD: "A"}


def test_sessions_that_are_not_there_are_left_out(site: _Site) -> None:
    assert fetch(site.connection, SCHEMA, ["00000000-0000-0000-0000-0000000000ee", "not even an id"]) == {}
    assert fetch(site.connection, SCHEMA, []) == {}


def _sit(folder: Path, *, second: str = "B") -> None:
    ledger = LedgerWriter(folder / "ledger" / "load.ledger.jsonl")
    created = ledger.intend("create", "ada", PERSON, None, "k")
    ledger.settle(created, "acknowledged", "ed-1", subject=SUBMITTED)
    for number, (question, value) in enumerate(((FIRST, "A"), (SECOND, "C"), (SECOND, second)), start=1):
        answered = ledger.intend("answer", "ada", PERSON, SUBMITTED, question, value, number)
        ledger.settle(answered, "acknowledged", f"ed-{number + 1}")
    submitted = ledger.intend("submit", "ada", PERSON, SUBMITTED, "k")
    ledger.settle(submitted, "acknowledged", "ed-9", result="1")
    ledger.close()


def test_a_ledger_that_was_kept_has_no_findings(site: _Site) -> None:
    _sit(site.directory)
    found = reconcile_ledgers(site, ("load.ledger.jsonl",))  # type: ignore[arg-type] # a site as far as it is used
    assert (found.findings, found.kept, found.scores_compared) == ((), 3, 1)


def test_a_lost_update_is_found_in_the_database(site: _Site) -> None:
    _sit(site.directory, second="D")
    found = reconcile_ledgers(site, ("load.ledger.jsonl",))  # type: ignore[arg-type] # a site as far as it is used
    assert (found.stale, found.losses, found.findings[0].question_id) == (1, 1, SECOND)


@pytest.mark.parametrize("text", [None, "damage\n"], ids=["absent", "damaged"])
def test_a_ledger_that_cannot_be_read_is_unmeasurable(site: _Site, text: str | None) -> None:
    if text is not None:
        (site.directory / "ledger" / "load.ledger.jsonl").write_text(text)
    with pytest.raises(Unmeasurable, match="the ledger cannot be read"):
        reconcile_ledgers(site, ("load.ledger.jsonl",))  # type: ignore[arg-type] # a site as far as it is used
