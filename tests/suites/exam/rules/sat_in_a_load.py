"""An exam that a load has sat, as the files of its run and the database tell it."""

import time
import uuid

import psycopg
import pytest

from pytest_examday.load import ledger
from pytest_examday.load.ledger import LedgerWriter
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.target.target import Target
from tests import builders

_OLDER = "UPDATE exam_sessions SET created_at = created_at - make_interval(secs => %s) WHERE id = %s"


def sit_in_a_load(target: Target, database: str, seconds: float) -> ProbeCandidate:
    """Sit an exam, and leave what a load leaves of it: a ledger and evidence. For ledger and database it was so many
    seconds ago."""
    for folder in (target.files.ledger, target.files.directory / "evidence"):
        folder.mkdir()
    (account,) = target.accounts.take(1)
    candidate = ProbeCandidate.begin(target, account)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "now", lambda: time.time() - seconds)
        _sit(candidate, LedgerWriter(target.files.ledger / "load.ledger.jsonl"))
    with psycopg.connect(database) as connection:
        connection.execute(_OLDER, (seconds, candidate.session_id))
    record = builders.load(ledgers=("ledger/load.ledger.jsonl",), fates=(builders.fate(account.email),))
    target.files.store.write(builders.measured("load", record))
    return candidate


def _sit(candidate: ProbeCandidate, writes: LedgerWriter) -> None:
    name, owner, key = candidate.login.account.email, candidate.login.owner, uuid.uuid4().hex
    created = writes.intend("create", name, owner, None, key)
    assert candidate.open(key=key).accepted
    session = str(candidate.session_id)
    asked = "\n".join(question["id"] for question in candidate.questions)
    writes.settle(created, "acknowledged", "ed-1", subject=session, result=asked)
    for number, choice in ((0, 0), (1, 0), (0, 1)):
        question = candidate.questions[number]
        value, sequence = question["choices"][choice], candidate.sequence + 1
        answer = writes.intend("answer", name, owner, session, question["id"], value, sequence)
        assert candidate.answer(number, choice).accepted
        writes.settle(answer, "acknowledged", "ed-2")
    submit = writes.intend("submit", name, owner, session, uuid.uuid4().hex)
    writes.settle(submit, "acknowledged", "ed-3", result=str(candidate.submit().find("score")))
    writes.close()
