"""The ledger against the database: acknowledged and absent is lost, acknowledged and different is a lost update,
unknown may be either and is reported as unknown, present and never sent is corruption (design, rule 2)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from pytest_examday.evidence.integrity import Finding, Reconciliation
from pytest_examday.integrity.stored import StoredAnswer, StoredSession
from pytest_examday.load.ledger import Write

_FINDINGS_KEPT = 100


@dataclass
class _Session:
    """All writes of one session."""

    id: str
    actor: str
    owner: str | None
    answers: dict[str, list[Write]] = field(default_factory=dict)
    submit: Write | None = None


@dataclass
class _Tally:
    """Counts and findings while they grow."""

    counts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def find(
        self,
        kind: str,
        session: _Session,
        story: str,
        write: Write | None = None,
        stored: StoredAnswer | None = None,
        question: str | None = None,
    ) -> None:
        self.counts[kind] += 1
        self.findings.append(
            Finding(
                kind=kind,
                candidate=session.actor,
                session_id=session.id,
                question_id=question or (write.key if write else None),
                acknowledged=write.value if write and write.state == "acknowledged" else None,
                stored=stored.value if stored else None,
                request_id=write.request_id if write else None,
                story=story,
            )
        )


def session_ids(writes: Iterable[Write]) -> list[str]:
    """The sessions whose creation was acknowledged."""
    return [write.subject for write in writes if write.kind == "create" and write.subject is not None]


def reconcile(writes: list[Write], stored: dict[str, StoredSession], ledgers: tuple[str, ...]) -> Reconciliation:
    """Every write of the ledger, looked for in what is stored."""
    tally = _Tally()
    sessions = _by_session(writes)
    for session in sessions:
        row = stored.get(session.id)
        if row is None:
            _vanished(session, tally)
        else:
            _compare(session, row, tally)
    acknowledged = sum(write.kind == "answer" and write.state == "acknowledged" for write in writes)
    counts = tally.counts
    return Reconciliation(
        ledgers=ledgers,
        sessions=len(sessions),
        acknowledged=acknowledged,
        kept=acknowledged - counts["lost"] - counts["stale"],
        lost=counts["lost"],
        stale=counts["stale"],
        unknown_kept=counts["unknown_kept"],
        unknown_absent=counts["unknown_absent"],
        never_sent=counts["never_sent"],
        vanished=counts["vanished"],
        wrong_scores=counts["wrong_score"],
        accepted_after_submit=counts["accepted_after_submit"],
        owner_changed=counts["owner_changed"],
        lost_submits=counts["lost_submit"],
        unsubmitted=counts["unsubmitted"],
        scores_compared=counts["scores_compared"],
        findings=tuple(tally.findings[:_FINDINGS_KEPT]),
    )


def _by_session(writes: list[Write]) -> list[_Session]:
    sessions = {
        write.subject: _Session(write.subject, write.actor, write.owner)
        for write in writes
        if write.kind == "create" and write.subject is not None
    }
    for write in writes:
        session = sessions.get(write.subject or "")
        if session is None:
            continue
        if write.kind == "answer" and write.key is not None:
            session.answers.setdefault(write.key, []).append(write)
        elif write.kind == "submit":
            session.submit = write
    return list(sessions.values())


def _vanished(session: _Session, tally: _Tally) -> None:
    answers = sum(write.state == "acknowledged" for group in session.answers.values() for write in group)
    tally.counts["lost"] += answers
    tally.find("vanished", session, f"the session is gone, and {answers} acknowledged answers with it")


def _compare(session: _Session, row: StoredSession, tally: _Tally) -> None:
    before = len(tally.findings)
    doubtful = False
    present = {question: answer for question, answer in row.answers.items() if answer.value is not None}
    for question, group in session.answers.items():
        doubtful |= _compare_answer(session, group, present.get(question), tally)
    for question in sorted(present.keys() - session.answers.keys()):
        tally.find("never_sent", session, "stored, and sent by nobody", None, present[question], question)
    _compare_end(session, row, tally)
    if len(tally.findings) == before and not doubtful:
        _compare_score(session, row, tally)


def _compare_answer(session: _Session, group: list[Write], stored: StoredAnswer | None, tally: _Tally) -> bool:
    """Judge one question; True where an unanswered write leaves open what should be stored."""
    last = max((w for w in group if w.state == "acknowledged"), key=lambda w: w.sequence, default=None)
    floor = -1 if last is None else last.sequence
    open_writes = [write for write in group if write.state == "unknown" and write.sequence > floor]
    if last is not None and stored is None:
        tally.find("lost", session, f"acknowledged {last.value} and nothing is stored", last)
    elif stored is not None and any(write.value == stored.value for write in open_writes):
        tally.counts["unknown_kept"] += 1
    elif last is not None and stored is not None and stored.value != last.value:
        tally.find("stale", session, f"acknowledged {last.value} and {stored.value} is stored", last, stored)
    elif last is None and stored is not None:
        tally.find("never_sent", session, "stored, and no such write was ever sent", None, stored, group[0].key)
    elif open_writes:
        tally.counts["unknown_absent"] += 1
    return bool(open_writes)


def _compare_end(session: _Session, row: StoredSession, tally: _Tally) -> None:
    if session.owner is not None and row.owner != session.owner:
        tally.find("owner_changed", session, f"opened by {session.owner} and now owned by {row.owner}")
    submitted = session.submit is not None and session.submit.state == "acknowledged"
    if row.status != "SUBMITTED":
        if submitted:
            tally.find("lost_submit", session, f"the submission was acknowledged and the session is {row.status}")
        else:
            tally.counts["unsubmitted"] += 1
    if row.submitted_at is None:
        return
    for question, answer in row.answers.items():
        if answer.saved_at > row.submitted_at:
            tally.find("accepted_after_submit", session, "saved after the submission", None, answer, question)


def _compare_score(session: _Session, row: StoredSession, tally: _Tally) -> None:
    submit = session.submit
    if submit is None or submit.state != "acknowledged" or row.score is None:
        return  # nothing was promised, or the unscored session is counted by its own check
    tally.counts["scores_compared"] += 1
    given = {
        key: max(_acknowledged(group), key=lambda w: w.sequence).value
        for key, group in session.answers.items()
        if _acknowledged(group)
    }
    earned = sum(value == row.correct.get(key) for key, value in given.items())
    told = None if submit.result is None else float(submit.result)
    if float(row.score) != earned or (told is not None and told != earned):
        story = (
            f"the acknowledged answers earn {earned}, {row.score:g} is stored, the candidate was told {submit.result}"
        )
        tally.find("wrong_score", session, story)


def _acknowledged(group: list[Write]) -> list[Write]:
    return [write for write in group if write.state == "acknowledged"]
