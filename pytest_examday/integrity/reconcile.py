"""Compares a ledger with the stored state: every acknowledged write has to be stored.

A write that was acknowledged and is absent is lost; one that is stored with another value is a lost update. A write
without a reply may be stored or not, and is reported as unknown. A stored value that nobody sent is corruption.
"""

import gc
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.integrity.compare_subject import compare_subject
from pytest_examday.integrity.ledger_subjects import LedgerSubject, LedgerSubjects
from pytest_examday.integrity.reconciliation_builder import ReconciliationBuilder
from pytest_examday.integrity.stored_state import StateSource, StoredSubjects, SubjectRef
from pytest_examday.integrity.uuid_spelling import spellings
from pytest_examday.load.ledger import Write

_LEAST_CHUNK = 500
_MOST_CHUNKS = 32  # without an index on the subject each chunk scans the whole table


def reconcile(
    writes: Iterable[Write], source: StateSource, ledgers: tuple[str, ...], least_chunk: int = _LEAST_CHUNK
) -> Reconciliation:
    """Compare every write of the ledgers with the stored state, many subjects at a time.

    The writes of a subject come in the order of sending. `ledgers` are the names of their files. A chunk has
    `least_chunk` subjects, or more, so that there are never more than 32 chunks.
    """
    read = _subjects_of(writes)
    subjects = read.opened()
    known_ids = {way for subject_id in read.subjects for way in spellings(subject_id)}
    result = ReconciliationBuilder()
    _find_shared_owners(subjects, result)
    size = max(least_chunk, -(-len(subjects) // _MOST_CHUNKS))
    chunks = [subjects[begin : begin + size] for begin in range(0, len(subjects), size)]
    for chunk, stored in zip(chunks, _ahead(chunks, source), strict=True):
        for subject in chunk:
            compare_subject(subject, stored.get(subject.id), result, known_ids)
    return result.build(ledgers, source.name, source.unjudged(), len(subjects), read.acknowledged)


def _find_shared_owners(subjects: Iterable[LedgerSubject], result: ReconciliationBuilder) -> None:
    """Find actors who got the id of another actor when they logged in, so that both work as one person."""
    first: dict[str, str] = {}
    for subject in subjects:
        if subject.owner is None or subject.actor is None:
            continue
        other = first.setdefault(subject.owner, subject.actor)
        if other != subject.actor:
            result.add_difference("shared_owner", subject, f"was logged in as {subject.owner}, and so was {other}")


def _subjects_of(writes: Iterable[Write]) -> LedgerSubjects:
    """The subjects of millions of writes. No write is part of a cycle, so Python's garbage collector is off meanwhile:
    it would search all of them for cycles again and again."""
    subjects = LedgerSubjects()
    collects = gc.isenabled()
    gc.disable()
    try:
        for write in writes:
            subjects.enter(write)
    finally:
        if collects:
            gc.enable()
    return subjects


def _ahead(chunks: list[list[LedgerSubject]], source: StateSource) -> Iterator[StoredSubjects]:
    """The stored state of each chunk. The next chunk is read in a thread while this one is compared."""
    with ThreadPoolExecutor(1) as reader:
        coming: Future[StoredSubjects] | None = None
        for chunk in chunks:
            subjects = [SubjectRef(subject.id, subject.actor or "") for subject in chunk]
            ready, coming = coming, reader.submit(source.fetch, subjects)
            if ready is not None:
                yield ready.result()
        if coming is not None:
            yield coming.result()
