"""One session of the ledger against what a witness tells of it: one cause for each harm."""

from pytest_examday.integrity.ledger_subjects import LedgerAnswer, LedgerSession, last_acknowledged
from pytest_examday.integrity.reconciliation_counts import Tally
from pytest_examday.integrity.witness import StoredSession, Unread

_Asked = dict[str, list[LedgerAnswer]]


def judge(session: LedgerSession, told: StoredSession | Unread | None, tally: Tally) -> None:
    """Count and tell what became of the session's writes; None: there is no such session."""
    if told is None:
        _vanished(session, tally)
    elif isinstance(told, Unread):
        tally.counts["uncompared"] += session.acknowledged
        tally.find("unread", session, told.reason)
    else:
        _compare(session, told, tally)


def _vanished(session: LedgerSession, tally: Tally) -> None:
    answers = session.acknowledged
    tally.counts["lost"] += answers
    tally.find("vanished", session, f"the session is gone, and {answers} acknowledged answers with it")


def _compare(session: LedgerSession, row: StoredSession, tally: Tally) -> None:
    before = tally.found
    doubtful = False
    asked = session.by_question()
    present = {question: value for question, value in row.answers.items() if value is not None}
    for question, group in asked.items():
        doubtful |= _compare_answer(session, group, present.get(question), row, tally)
    for question in sorted(present.keys() - asked.keys()):
        tally.find("never_sent", session, "stored, and sent by nobody", None, present[question], question)
    _compare_end(session, row, tally)
    if tally.found == before and not doubtful:
        _compare_score(session, asked, row, tally)
    if row.log:
        _compare_log(session, asked, present, row.log, tally)


def _compare_answer(
    session: LedgerSession, group: list[LedgerAnswer], stored: str | None, row: StoredSession, tally: Tally
) -> bool:
    """Judge one question; True where an unanswered write leaves open what should be stored."""
    last = last_acknowledged(group)
    floor = -1 if last is None else last.sequence
    open_writes = [answer for answer in group if answer.state == "unknown" and answer.sequence > floor]
    if last is not None and stored is None:
        _find_loss("lost", session, f"acknowledged {last.value} and nothing is stored", last, row, tally)
    elif stored is not None and any(answer.value == stored for answer in open_writes):
        tally.counts["unknown_kept"] += 1
    elif last is not None and stored is not None and stored != last.value:
        _find_loss("stale", session, f"acknowledged {last.value} and {stored} is stored", last, row, tally)
    elif last is None and stored is not None:
        tally.find("never_sent", session, "stored, and no such write was ever sent", None, stored, group[0].key)
    elif open_writes:
        tally.counts["unknown_absent"] += 1
    return bool(open_writes)


def _find_loss(
    kind: str, session: LedgerSession, story: str, last: LedgerAnswer, row: StoredSession, tally: Tally
) -> None:
    if row.logged_last(last.key) == last.value:
        tally.counts["losses_logged"] += 1
        story += ", though the platform's own log has it"
    tally.find(kind, session, story, last, row.answers.get(last.key))


def _compare_end(session: LedgerSession, row: StoredSession, tally: Tally) -> None:
    if session.owner is not None and row.owner is not None and row.owner != session.owner:
        tally.find("owner_changed", session, f"opened by {session.owner} and now owned by {row.owner}")
    submitted = session.submit is not None and session.submit.state == "acknowledged"
    if row.status != "SUBMITTED":
        if submitted:
            tally.find("lost_submit", session, f"the submission was acknowledged and the session is {row.status}")
        else:
            tally.counts["unsubmitted"] += 1
    for question in row.late:
        tally.find(
            "accepted_after_submit", session, "saved after the submission", None, row.answers.get(question), question
        )


def _compare_score(session: LedgerSession, asked: _Asked, row: StoredSession, tally: Tally) -> None:
    submit = session.submit
    if submit is None or submit.state != "acknowledged" or row.score is None:
        return  # nothing was promised, or the unscored session is counted by its own check
    told = None if submit.result is None else float(submit.result)
    if row.correct is None:
        if told is not None and told != float(row.score):
            story = f"the candidate was told a score of {submit.result}, and {row.score:g} is stored"
            tally.find("wrong_score", session, story)
        return
    tally.counts["scores_compared"] += 1
    lasts = map(last_acknowledged, asked.values())
    earned = sum(last is not None and last.value == row.correct.get(last.key) for last in lasts)
    if float(row.score) != earned or (told is not None and told != earned):
        story = (
            f"the acknowledged answers earn {earned}, {row.score:g} is stored, the candidate was told {submit.result}"
        )
        tally.find("wrong_score", session, story)


def _compare_log(
    session: LedgerSession, asked: _Asked, present: dict[str, str], log: dict[str, tuple[str | None, ...]], tally: Tally
) -> None:
    """The log's word on answers that are stored as acknowledged; of a loss it was heard already. A write that was
    never answered for may have an event, or none."""
    for question, values in sorted(log.items()):
        group = asked.get(question, [])
        last = last_acknowledged(group)
        if last is None or present.get(question) != last.value:
            continue
        if not values:
            story = f"acknowledged and stored {last.value}, and the platform's own log holds nothing of it"
            tally.find("event_missing", session, story, last, last.value)
        elif not any(answer.state == "unknown" and answer.value == values[0] for answer in group):
            _find_other_event(session, group, last, values, tally)


def _find_other_event(
    session: LedgerSession, group: list[LedgerAnswer], last: LedgerAnswer, values: tuple[str | None, ...], tally: Tally
) -> None:
    earlier = {answer.value for answer in group if answer.state == "acknowledged"}
    missing = last.value not in values and values[0] in earlier
    story = f"acknowledged and stored {last.value}, and the platform's own log ends with {values[0]}"
    tally.find("event_missing" if missing else "event_disagrees", session, story, last, last.value)
