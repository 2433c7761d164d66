"""One session of the ledger against what a witness tells of it: one cause for each harm."""

from pytest_examday.integrity.growing_reconciliation import GrowingReconciliation
from pytest_examday.integrity.ledger_subjects import LedgerAnswer, LedgerSession, last_acknowledged
from pytest_examday.integrity.witness import StoredSession, Unread

_SentAnswers = dict[str, list[LedgerAnswer]]


def judge(session: LedgerSession, told: StoredSession | Unread | None, result: GrowingReconciliation) -> None:
    """Count and tell what became of the session's writes; None: there is no such session."""
    if told is None:
        _vanished(session, result)
    elif isinstance(told, Unread):
        result.counts["uncompared"] += session.acknowledged
        result.find("unread", session, told.reason)
    else:
        _compare(session, told, result)


def _vanished(session: LedgerSession, result: GrowingReconciliation) -> None:
    answers = session.acknowledged
    result.counts["lost"] += answers
    result.find("vanished", session, f"the session is gone, and {answers} acknowledged answers with it")


def _compare(session: LedgerSession, row: StoredSession, result: GrowingReconciliation) -> None:
    before = result.found
    doubtful = False
    sent = session.by_question()
    present = {question: value for question, value in row.answers.items() if value is not None}
    for question, group in sent.items():
        doubtful |= _compare_answer(session, group, present.get(question), row, result)
    for question in sorted(present.keys() - sent.keys()):
        result.find("never_sent", session, "stored, and sent by nobody", None, present[question], question)
    _compare_end(session, row, result)
    if result.found == before and not doubtful:
        _compare_score(session, sent, row, result)
    if row.log:
        _compare_log(session, sent, present, row.log, result)


def _compare_answer(
    session: LedgerSession,
    group: list[LedgerAnswer],
    stored: str | None,
    row: StoredSession,
    result: GrowingReconciliation,
) -> bool:
    """Judge one question; True where an unanswered write leaves open what should be stored."""
    last = last_acknowledged(group)
    floor = -1 if last is None else last.sequence
    open_writes = [answer for answer in group if answer.state == "unknown" and answer.sequence > floor]
    if last is not None and stored is None:
        _find_loss("lost", session, f"acknowledged {last.value} and nothing is stored", last, row, result)
    elif stored is not None and any(answer.value == stored for answer in open_writes):
        result.counts["unknown_kept"] += 1
    elif last is not None and stored is not None and stored != last.value:
        _find_loss("stale", session, f"acknowledged {last.value} and {stored} is stored", last, row, result)
    elif last is None and stored is not None:
        result.find("never_sent", session, "stored, and no such write was ever sent", None, stored, group[0].key)
    elif open_writes:
        result.counts["unknown_absent"] += 1
    return bool(open_writes)


def _find_loss(
    kind: str, session: LedgerSession, story: str, last: LedgerAnswer, row: StoredSession, result: GrowingReconciliation
) -> None:
    if row.logged_last(last.key) == last.value:
        result.counts["losses_logged"] += 1
        story += ", though the platform's own log has it"
    result.find(kind, session, story, last, row.answers.get(last.key))


def _compare_end(session: LedgerSession, row: StoredSession, result: GrowingReconciliation) -> None:
    if session.owner is not None and row.owner is not None and row.owner != session.owner:
        result.find("owner_changed", session, f"opened by {session.owner} and now owned by {row.owner}")
    submitted = session.submit is not None and session.submit.state == "acknowledged"
    if row.status != "SUBMITTED":
        if submitted:
            result.find("lost_submit", session, f"the submission was acknowledged and the session is {row.status}")
        else:
            result.counts["unsubmitted"] += 1
    for question in row.late:
        result.find(
            "accepted_after_submit", session, "saved after the submission", None, row.answers.get(question), question
        )


def _compare_score(
    session: LedgerSession, sent: _SentAnswers, row: StoredSession, result: GrowingReconciliation
) -> None:
    submit = session.submit
    if submit is None or submit.state != "acknowledged" or row.score is None:
        return  # nothing was promised, or the unscored session is counted by its own check
    told = None if submit.result is None else float(submit.result)
    if row.correct is None:
        if told is not None and told != float(row.score):
            story = f"the candidate was told a score of {submit.result}, and {row.score:g} is stored"
            result.find("wrong_score", session, story)
        return
    result.counts["scores_compared"] += 1
    lasts = map(last_acknowledged, sent.values())
    earned = sum(last is not None and last.value == row.correct.get(last.key) for last in lasts)
    if float(row.score) != earned or (told is not None and told != earned):
        story = (
            f"the acknowledged answers earn {earned}, {row.score:g} is stored, the candidate was told {submit.result}"
        )
        result.find("wrong_score", session, story)


def _compare_log(
    session: LedgerSession,
    sent: _SentAnswers,
    present: dict[str, str],
    log: dict[str, tuple[str | None, ...]],
    result: GrowingReconciliation,
) -> None:
    """The log's word on answers that are stored as acknowledged; of a loss it was heard already. A write that was
    never answered for may have an event, or none."""
    for question, values in sorted(log.items()):
        group = sent.get(question, [])
        last = last_acknowledged(group)
        if last is None or present.get(question) != last.value:
            continue
        if not values:
            story = f"acknowledged and stored {last.value}, and the platform's own log holds nothing of it"
            result.find("event_missing", session, story, last, last.value)
        elif not any(answer.state == "unknown" and answer.value == values[0] for answer in group):
            _find_other_event(session, group, last, values, result)


def _find_other_event(
    session: LedgerSession,
    group: list[LedgerAnswer],
    last: LedgerAnswer,
    values: tuple[str | None, ...],
    result: GrowingReconciliation,
) -> None:
    earlier = {answer.value for answer in group if answer.state == "acknowledged"}
    missing = last.value not in values and values[0] in earlier
    story = f"acknowledged and stored {last.value}, and the platform's own log ends with {values[0]}"
    result.find("event_missing" if missing else "event_disagrees", session, story, last, last.value)
