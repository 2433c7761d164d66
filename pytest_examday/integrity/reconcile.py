"""The ledger against a witness: acknowledged and absent is lost, acknowledged and different is a lost update,
unknown may be either and is reported as unknown, present and never sent is corruption (design, rule 2)."""

import gc
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.integrity.compare_subject import judge
from pytest_examday.integrity.growing_reconciliation import GrowingReconciliation
from pytest_examday.integrity.ledger_subjects import LedgerSession, LedgerSubjects
from pytest_examday.integrity.witness import Sought, Testimony, Witness
from pytest_examday.load.ledger import Write

_LEAST_CHUNK = 500
_MOST_CHUNKS = 32  # without an index on the session each chunk is a scan of the whole table


def reconcile(
    writes: Iterable[Write], witness: Witness, ledgers: tuple[str, ...], least_chunk: int = _LEAST_CHUNK
) -> Reconciliation:
    """Every write of the ledger, looked for in what is stored, some sessions at a time.

    The writes of a session come in the order of sending. A chunk is `least_chunk` sessions, more where there are so
    many that the number of chunks would grow with them.
    """
    subjects = _subjects_of(writes)
    sessions = subjects.created()
    result = GrowingReconciliation()
    size = max(least_chunk, -(-len(sessions) // _MOST_CHUNKS))
    chunks = [sessions[begin : begin + size] for begin in range(0, len(sessions), size)]
    for chunk, told in zip(chunks, _ahead(chunks, witness), strict=True):
        for session in chunk:
            judge(session, told.get(session.id), result)
    return result.as_record(ledgers, witness.name, witness.unjudged(), len(sessions), subjects.acknowledged)


def _subjects_of(writes: Iterable[Write]) -> LedgerSubjects:
    """The subjects of millions of writes, none of which is part of a cycle: the collector, which would look at all of
    them again and again for one, rests meanwhile."""
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


def _ahead(chunks: list[list[LedgerSession]], witness: Witness) -> Iterator[Testimony]:
    """What is told of each chunk; the witness works on the next one while this one is judged."""
    with ThreadPoolExecutor(1) as reader:
        coming: Future[Testimony] | None = None
        for chunk in chunks:
            sought = [Sought(session.id, session.actor or "") for session in chunk]
            ready, coming = coming, reader.submit(witness.fetch, sought)
            if ready is not None:
                yield ready.result()
        if coming is not None:
            yield coming.result()
