"""Finds events in a platform's event history that nobody caused: values that nobody sent, and times before the
sending."""

from collections.abc import Mapping, Sequence
from statistics import median

from pytest_examday.integrity.ledger_subjects import KeyedWrite, LedgerSubject, last_acknowledged
from pytest_examday.integrity.reconciliation_builder import ReconciliationBuilder
from pytest_examday.integrity.stored_state import LoggedValue, StoredSubject
from pytest_examday.integrity.uuid_spelling import same_text_or_uuid

_EARLY_SECONDS = 10.0
"""The event of a write cannot be older than the write. Clocks within a platform differ by less."""


def find_invented_events(
    subject: LedgerSubject,
    sent: Mapping[str, Sequence[KeyedWrite]],
    stored: StoredSubject,
    result: ReconciliationBuilder,
) -> None:
    """Add a difference for each answer of the subject beside which the log has a value that nobody sent, or which
    the log dates before it was sent.

    It compares only answers that are stored as acknowledged and are the last event of their key; the others are
    reported elsewhere. If the log's clock is behind, all events are early alike, and none is accused: only what is
    earlier than half of the others counts. Late events are no harm, because a platform may write its log some time
    after its reply."""
    kept = {key: last for key, writes in sent.items() if (last := _kept(key, writes, stored)) is not None}
    early: list[tuple[float, LoggedValue]] = []
    for logged in stored.logged_values:
        writes = [write for write in sent.get(logged.key, ()) if same_text_or_uuid(write.value, logged.value)]
        moments = [write.sent_at for write in writes if write.sent_at is not None]
        if logged.first is not None and moments:
            early.append((logged.first - min(moments), logged))
        if not writes and logged.key in kept:
            story = f"the platform's event history says that {logged.value} was answered too, and nobody sent that"
            last = kept.pop(logged.key)
            result.add_difference("event_disagrees", subject, story, last, last.value)
    behind = min(0.0, median(seconds for seconds, _ in early)) if early else 0.0
    for seconds, logged in early:
        if logged.key in kept and seconds < behind - _EARLY_SECONDS:
            story = f"the platform's event history dates {logged.value} {-seconds:.0f} s before it was sent"
            last = kept.pop(logged.key)
            result.add_difference("event_disagrees", subject, story, last, last.value)


def _kept(key: str, writes: Sequence[KeyedWrite], stored: StoredSubject) -> KeyedWrite | None:
    """The last acknowledged write of the key, if it is what is stored and what the log ends with."""
    last = last_acknowledged(list(writes))
    if last is None or key in (stored.log_differences or ()):
        return None
    return last if same_text_or_uuid(stored.values.get(key), last.value) else None
