"""Compares one subject of the ledger with its stored state. Each harm is reported once, by its earliest cause.

Two things here hold only for an exam: scores are computed from choices, and messages speak of sessions and answers.
"""

from collections.abc import Container, Iterable
from dataclasses import replace
from itertools import groupby

from pytest_examday.integrity.invented_events import find_invented_events
from pytest_examday.integrity.ledger_subjects import KeyedWrite, LedgerSubject, last_acknowledged
from pytest_examday.integrity.lookalikes import distinguishable
from pytest_examday.integrity.reconciliation_builder import ReconciliationBuilder
from pytest_examday.integrity.stored_state import FINISHED, NEARBY_SECONDS, StoredSubject, UnreadableSubject
from pytest_examday.integrity.uuid_spelling import canonical, other_spellings, same_text_or_uuid

_Sent = dict[str, list[KeyedWrite]]


def compare_subject(
    subject: LedgerSubject,
    stored: StoredSubject | UnreadableSubject | None,
    result: ReconciliationBuilder,
    known: Container[str] = (),
) -> None:
    """Compare all writes of a subject with its stored state, and add counts and differences to `result`.

    `stored` is None if there is no such subject. `known` are the ids of all subjects of the ledger.
    """
    if stored is None:
        _vanished(subject, result)
    elif isinstance(stored, UnreadableSubject):
        result.counts["uncompared"] += subject.acknowledged
        result.add_difference("unread", subject, stored.reason)
    else:
        _compare_opening(subject, stored, known, result)
        _compare(subject, stored, result)


def _vanished(subject: LedgerSubject, result: ReconciliationBuilder) -> None:
    lost = subject.acknowledged
    result.counts["lost"] += lost
    story = f"the session is gone, and {lost} acknowledged answers with it"
    result.add_difference("vanished", subject, story, acknowledged_at=subject.last_acknowledged_at)


def _compare_opening(
    subject: LedgerSubject, stored: StoredSubject, known: Container[str], result: ReconciliationBuilder
) -> None:
    if subject.other_actor is not None:
        story = f"opened by {subject.actor}, and given to {subject.other_actor} as a new session too"
        result.add_difference("owner_changed", subject, story)
    if subject.other_subject is not None:
        result.add_difference("duplicate_session", subject, f"the same key opened session {subject.other_subject} too")
    for other in stored.opened_nearby:
        if other not in known:
            when = f"opened within {NEARBY_SECONDS} s and acknowledged to nobody"
            story = f"the same candidate has session {other} too, {when}"
            result.add_difference("duplicate_session", subject, story)
    if not (subject.opened_with and stored.correct):
        return
    opened_with, stored_keys = set(map(canonical, subject.opened_with)), set(map(canonical, stored.correct))
    if opened_with != stored_keys:
        gone, others = len(opened_with - stored_keys), len(stored_keys - opened_with)
        story = f"opened with {len(opened_with)} questions; {gone} of them are gone, {others} others are there"
        result.add_difference("other_questions", subject, story, key=min(opened_with ^ stored_keys))


def _compare(subject: LedgerSubject, stored: StoredSubject, result: ReconciliationBuilder) -> None:
    before = result.difference_count
    doubtful = False
    sent = subject.by_key()
    stored = _as_sent(stored, sent)
    present = {key: value for key, value in stored.values.items() if value is not None}
    for key, group in sent.items():
        doubtful |= _compare_key(subject, group, present.get(key), stored, result)
    for key in sorted(present.keys() - sent.keys()):
        result.add_difference("never_sent", subject, "stored, and sent by nobody", None, present[key], key)
    _compare_finish(subject, stored, result)
    if result.difference_count == before and not doubtful:  # else the score may be right for what is stored
        _compare_score(subject, sent, stored, result)
    if stored.log_differences:
        _compare_log(subject, sent, present, stored.log_differences, result)
    if stored.times_logged is not None:
        _compare_history(subject, sent, stored, stored.times_logged, result)
    if stored.logged_values:
        find_invented_events(subject, sent, stored, result)


def _as_sent(stored: StoredSubject, sent: _Sent) -> StoredSubject:
    """The subject with its keys spelled as they were sent."""
    if stored.values.keys() <= sent.keys():
        return stored
    spelled_as_sent = other_spellings(stored.values, sent)
    if not spelled_as_sent:
        return stored
    logged_keys = {logged.key for logged in stored.logged_values}
    for others in (stored.correct, stored.log_differences, stored.times_logged, logged_keys):
        spelled_as_sent |= other_spellings(others or (), sent)
    return replace(
        stored,
        values={spelled_as_sent.get(key, key): value for key, value in stored.values.items()},
        late=tuple(spelled_as_sent.get(key, key) for key in stored.late),
        correct=stored.correct and {spelled_as_sent.get(key, key): value for key, value in stored.correct.items()},
        log_differences=stored.log_differences
        and {spelled_as_sent.get(key, key): values for key, values in stored.log_differences.items()},
        logged_values=tuple(
            logged._replace(key=spelled_as_sent.get(logged.key, logged.key)) for logged in stored.logged_values
        ),
        times_logged=stored.times_logged
        and {spelled_as_sent.get(key, key): times for key, times in stored.times_logged.items()},
    )


def _compare_key(
    subject: LedgerSubject,
    group: list[KeyedWrite],
    value: str | None,
    stored: StoredSubject,
    result: ReconciliationBuilder,
) -> bool:
    """Compare all writes to one key with its stored value; True if a write without a reply makes the right value
    unknown.

    The last acknowledged write decides, because the platform orders writes by their sequence. A write without a reply
    and with a higher sequence may have replaced it. A write without a value took the answer back: then nothing may be
    stored."""
    last = last_acknowledged(group)
    least_sequence = -1 if last is None else last.sequence
    without_reply = [write for write in group if write.state == "unknown" and write.sequence > least_sequence]
    if last is not None and last.value is None and value == "":
        value = None  # the platform stores a blank as an empty text
    if value is None and any(write.value is None for write in without_reply):
        result.counts["unknown_kept"] += 1
    elif last is not None and last.value is None and value is None:
        result.counts["unknown_absent"] += bool(without_reply)
    elif last is not None and value is None:
        _find_loss("lost", subject, f"acknowledged {last.value} and nothing is stored", last, stored, result)
    elif value is not None and any(same_text_or_uuid(write.value, value) for write in without_reply):
        result.counts["unknown_kept"] += 1
    elif last is not None and value is not None and not same_text_or_uuid(value, last.value):
        story = (
            f"acknowledged as blank and {value} is stored"
            if last.value is None
            else _differ("acknowledged {} and {} is stored", last.value, value)
        )
        _find_loss("stale", subject, story, last, stored, result)
    elif last is None and value is not None:
        result.add_difference(
            "never_sent", subject, "stored, and no such write was ever sent", None, value, group[0].key
        )
    elif without_reply:
        result.counts["unknown_absent"] += 1
    return bool(without_reply)


def _find_loss(
    kind: str,
    subject: LedgerSubject,
    story: str,
    last: KeyedWrite,
    stored: StoredSubject,
    result: ReconciliationBuilder,
) -> None:
    if same_text_or_uuid(stored.last_logged_value(last.key), last.value):
        result.counts["losses_in_history"] += 1
        story += ", though the platform's event history has it"
    result.add_difference(kind, subject, story, last, stored.values.get(last.key))


def _compare_finish(subject: LedgerSubject, stored: StoredSubject, result: ReconciliationBuilder) -> None:
    if subject.owner is not None and stored.owner is not None and not same_text_or_uuid(stored.owner, subject.owner):
        result.add_difference(
            "owner_changed", subject, _differ("opened by {} and now owned by {}", subject.owner, stored.owner)
        )
    if len(subject.results) > 1:
        story = f"the submission was acknowledged with several results: {', '.join(subject.results)}"
        result.add_difference("two_results", subject, story, acknowledged_at=subject.last_acknowledged_at)
    finished = subject.finish is not None and subject.finish.state == "acknowledged"
    if stored.status != FINISHED:
        if finished:
            story = f"the submission was acknowledged and the session is {stored.status}"
            result.add_difference("lost_submit", subject, story, acknowledged_at=subject.last_acknowledged_at)
        else:
            result.counts["unsubmitted"] += 1
    for key in stored.late:
        result.add_difference(
            "accepted_after_submit", subject, "saved after the submission", None, stored.values.get(key), key
        )


def _compare_score(subject: LedgerSubject, sent: _Sent, stored: StoredSubject, result: ReconciliationBuilder) -> None:
    """Compare the stored score with the one that the acknowledged answers earn, and with the one that the candidate
    got.

    If the source does not show the right choices, only the score that the candidate got is compared.
    """
    finish = subject.finish
    if finish is None or finish.state != "acknowledged" or stored.score is None:
        return  # no score was promised, or the SQL check of unscored sessions counts it
    score_in_reply = _score_of(finish.result)
    score = f"{stored.score:g} is stored"
    if stored.correct is None:
        if score_in_reply is not None and score_in_reply != float(stored.score):
            story = f"the candidate was told a score of {finish.result}, and {score}"
            result.add_difference("wrong_score", subject, story, acknowledged_at=finish.answered_at)
        return
    result.counts["scores_compared"] += 1
    lasts = map(last_acknowledged, sent.values())
    earned = sum(
        last is not None and last.value is not None and same_text_or_uuid(last.value, stored.correct.get(last.key))
        for last in lasts
    )
    if float(stored.score) != earned or (score_in_reply is not None and score_in_reply != earned):
        story = f"the acknowledged answers earn {earned}, {score}, the candidate was told {finish.result}"
        result.add_difference("wrong_score", subject, story, acknowledged_at=finish.answered_at)


def _score_of(score: str | None) -> float | None:
    """The score as a number; None if there is none, or if it is not a number."""
    try:
        return None if score is None else float(score)
    except ValueError:
        return None


def _compare_log(
    subject: LedgerSubject,
    sent: _Sent,
    present: dict[str, str],
    log: dict[str, tuple[str | None, ...]],
    result: ReconciliationBuilder,
) -> None:
    """Compare the platform's event history with values that are stored as acknowledged. Losses are reported elsewhere.

    A write without a reply may have an event in the log, or none, and so may a write that took an answer back.
    """
    for key, values in sorted(log.items()):
        group = sent.get(key, [])
        last = last_acknowledged(group)
        if last is None or last.value is None or not same_text_or_uuid(present.get(key), last.value):
            continue
        if not values:
            story = f"acknowledged and stored {last.value}, and the platform's event history holds nothing of it"
            result.add_difference("event_missing", subject, story, last, last.value)
        elif not any(write.state == "unknown" and same_text_or_uuid(write.value, values[0]) for write in group):
            _find_other_event(subject, group, last, values, result)


def _compare_history(
    subject: LedgerSubject,
    sent: _Sent,
    stored: StoredSubject,
    times_logged: dict[str, int],
    result: ReconciliationBuilder,
) -> None:
    """Compare how often the platform's event history has an answer with how often it was changed. Answers that are not
    stored as acknowledged, or that differ from the last event of the log, are reported elsewhere."""
    for key, group in sent.items():
        last = last_acknowledged(group)
        if (
            last is None
            or last.value is None
            or not same_text_or_uuid(stored.values.get(key), last.value)
            or key in (stored.log_differences or ())
        ):
            continue
        values = _acknowledged_changes(group)
        if values < 2:
            continue
        result.counts["changed_keys"] += 1
        logged = times_logged.get(key, 1)
        if logged < values:
            story = f"acknowledged with {values} values in turn, and the platform's event history has {logged}"
            result.add_difference("history_missing", subject, story, last, last.value)


def _acknowledged_changes(group: list[KeyedWrite]) -> int:
    """How many values the acknowledged writes gave to their key in turn. A log need not tell that an answer was taken
    back."""
    acknowledged = sorted((write for write in group if write.state == "acknowledged"), key=lambda write: write.sequence)
    return sum(1 for _ in groupby(write.value for write in acknowledged if write.value is not None))


def _find_other_event(
    subject: LedgerSubject,
    group: list[KeyedWrite],
    last: KeyedWrite,
    values: tuple[str | None, ...],
    result: ReconciliationBuilder,
) -> None:
    """Add a difference for a log that ends with another value: the event of the last write is missing, or the log holds
    a value that was not written."""
    earlier = [write.value for write in group if write.state == "acknowledged"]
    missing = not _among(last.value, values) and _among(values[0], earlier)
    words = "acknowledged and stored {}, and the platform's event history ends with {}"
    story = _differ(words, last.value, values[0])
    result.add_difference("event_missing" if missing else "event_disagrees", subject, story, last, last.value)


def _differ(words: str, one: str | None, other: str | None) -> str:
    """The words with both texts filled in so that a person can distinguish them, even if they look alike."""
    return words.format(*distinguishable(one, other))


def _among(value: str | None, values: Iterable[str | None]) -> bool:
    return any(same_text_or_uuid(value, other) for other in values)
