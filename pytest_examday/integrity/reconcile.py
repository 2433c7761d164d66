"""The ledger against the database: acknowledged and absent is lost, acknowledged and different is a lost update,
unknown may be either and is reported as unknown, present and never sent is corruption (design, rule 2)."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import msgspec

from pytest_examday.evidence.integrity import Finding, Reconciliation
from pytest_examday.integrity.harm import HARMS
from pytest_examday.integrity.stored import StoredAnswer, StoredSession
from pytest_examday.load.ledger import State, Write

_FINDINGS_KEPT = 100
_LEAST_CHUNK = 500
_MOST_CHUNKS = 32  # without an index on the session each chunk is a scan of the whole table

Look = Callable[[list[str]], Mapping[str, StoredSession]]
"""What is stored of these sessions, by id."""


class _Answer(msgspec.Struct, frozen=True, gc=False):
    """What must be remembered of an answer; a ledger has millions of them."""

    key: str
    value: str | None
    sequence: int
    state: State
    request_id: str | None


@dataclass(slots=True)
class _Session:
    """All writes of one session; nobody's until its creation is read."""

    id: str
    actor: str | None = None
    owner: str | None = None
    answers: list[_Answer] = field(default_factory=list)
    submit: Write | None = None

    def by_question(self) -> dict[str, list[_Answer]]:
        """Its answers in the order of sending, question by question."""
        groups: dict[str, list[_Answer]] = {}
        for answer in self.answers:
            groups.setdefault(answer.key, []).append(answer)
        return groups


@dataclass(slots=True)
class _Book:
    """The writes of every session, and how many answers were acknowledged."""

    sessions: dict[str, _Session] = field(default_factory=dict)
    acknowledged: int = 0
    _texts: dict[str, str] = field(default_factory=dict)

    def enter(self, write: Write) -> None:
        """Add one write, in the order of sending."""
        if write.kind == "answer" and write.state == "acknowledged":
            self.acknowledged += 1
        if write.subject is None:
            return
        session = self.sessions.get(write.subject)
        if session is None:
            session = self.sessions[write.subject] = _Session(write.subject)
        if write.kind == "answer" and write.key is not None:
            key = self._texts.setdefault(write.key, write.key)
            session.answers.append(_Answer(key, write.value, write.sequence, write.state, write.request_id))
        elif write.kind == "create":
            session.actor, session.owner = write.actor, write.owner
        elif write.kind == "submit":
            session.submit = write

    def created(self) -> list[_Session]:
        """The sessions whose creation was acknowledged."""
        return [session for session in self.sessions.values() if session.actor is not None]


@dataclass
class _Tally:
    """Counts and findings while they grow; findings are samples, counts and the names of the harmed are whole."""

    counts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    found: int = 0
    harmed: set[str] = field(default_factory=set)

    def find(
        self,
        kind: str,
        session: _Session,
        story: str,
        answer: _Answer | None = None,
        stored: StoredAnswer | None = None,
        question: str | None = None,
    ) -> None:
        self.counts[kind] += 1
        self.found += 1
        candidate = session.actor or ""
        if kind in HARMS:
            self.harmed.add(candidate)
        if len(self.findings) == _FINDINGS_KEPT:
            return
        self.findings.append(
            Finding(
                kind=kind,
                candidate=candidate,
                session_id=session.id,
                question_id=question or (answer.key if answer else None),
                acknowledged=answer.value if answer and answer.state == "acknowledged" else None,
                stored=stored.value if stored else None,
                request_id=answer.request_id if answer else None,
                story=story,
            )
        )


def reconcile(
    writes: Iterable[Write], look: Look, ledgers: tuple[str, ...], least_chunk: int = _LEAST_CHUNK
) -> Reconciliation:
    """Every write of the ledger, looked for in what is stored, some sessions at a time.

    The writes come in the order of sending. A chunk is `least_chunk` sessions, more where there are so many that
    the number of chunks would grow with them.
    """
    book = _Book()
    for write in writes:
        book.enter(write)
    sessions = book.created()
    tally = _Tally()
    size = max(least_chunk, -(-len(sessions) // _MOST_CHUNKS))
    chunks = [sessions[begin : begin + size] for begin in range(0, len(sessions), size)]
    for chunk, stored in zip(chunks, _ahead(chunks, look), strict=True):
        _judge(chunk, stored, tally)
    return _result(ledgers, len(sessions), book.acknowledged, tally)


def _ahead(chunks: list[list[_Session]], look: Look) -> Iterator[Mapping[str, StoredSession]]:
    """What is stored of each chunk; the database works on the next one while this one is judged."""
    with ThreadPoolExecutor(1) as reader:
        coming: Future[Mapping[str, StoredSession]] | None = None
        for chunk in chunks:
            ready, coming = coming, reader.submit(look, [session.id for session in chunk])
            if ready is not None:
                yield ready.result()
        if coming is not None:
            yield coming.result()


def _judge(sessions: list[_Session], stored: Mapping[str, StoredSession], tally: _Tally) -> None:
    for session in sessions:
        row = stored.get(session.id)
        if row is None:
            _vanished(session, tally)
        else:
            _compare(session, row, tally)


def _result(ledgers: tuple[str, ...], sessions: int, acknowledged: int, tally: _Tally) -> Reconciliation:
    counts = tally.counts
    return Reconciliation(
        ledgers=ledgers,
        sessions=sessions,
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
        findings=tuple(tally.findings),
        harmed=tuple(sorted(tally.harmed)),
    )


def _vanished(session: _Session, tally: _Tally) -> None:
    answers = sum(answer.state == "acknowledged" for answer in session.answers)
    tally.counts["lost"] += answers
    tally.find("vanished", session, f"the session is gone, and {answers} acknowledged answers with it")


def _compare(session: _Session, row: StoredSession, tally: _Tally) -> None:
    before = tally.found
    doubtful = False
    asked = session.by_question()
    present = {question: answer for question, answer in row.answers.items() if answer.value is not None}
    for question, group in asked.items():
        doubtful |= _compare_answer(session, group, present.get(question), tally)
    for question in sorted(present.keys() - asked.keys()):
        tally.find("never_sent", session, "stored, and sent by nobody", None, present[question], question)
    _compare_end(session, row, tally)
    if tally.found == before and not doubtful:
        _compare_score(session, asked, row, tally)


def _last_acknowledged(group: list[_Answer]) -> _Answer | None:
    last = None
    for answer in group:
        if answer.state == "acknowledged" and (last is None or answer.sequence > last.sequence):
            last = answer
    return last


def _compare_answer(session: _Session, group: list[_Answer], stored: StoredAnswer | None, tally: _Tally) -> bool:
    """Judge one question; True where an unanswered write leaves open what should be stored."""
    last = _last_acknowledged(group)
    floor = -1 if last is None else last.sequence
    open_writes = [answer for answer in group if answer.state == "unknown" and answer.sequence > floor]
    if last is not None and stored is None:
        tally.find("lost", session, f"acknowledged {last.value} and nothing is stored", last)
    elif stored is not None and any(answer.value == stored.value for answer in open_writes):
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


def _compare_score(session: _Session, asked: dict[str, list[_Answer]], row: StoredSession, tally: _Tally) -> None:
    submit = session.submit
    if submit is None or submit.state != "acknowledged" or row.score is None:
        return  # nothing was promised, or the unscored session is counted by its own check
    tally.counts["scores_compared"] += 1
    lasts = map(_last_acknowledged, asked.values())
    earned = sum(last is not None and last.value == row.correct.get(last.key) for last in lasts)
    told = None if submit.result is None else float(submit.result)
    if float(row.score) != earned or (told is not None and told != earned):
        story = (
            f"the acknowledged answers earn {earned}, {row.score:g} is stored, the candidate was told {submit.result}"
        )
        tally.find("wrong_score", session, story)
