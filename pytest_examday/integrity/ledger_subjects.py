"""The writes of a ledger, session by session; of an answer only what the comparison needs is kept."""

from dataclasses import dataclass, field

import msgspec

from pytest_examday.load.ledger import State, Write


class LedgerAnswer(msgspec.Struct, frozen=True, gc=False):
    """What must be remembered of an answer; a ledger has millions of them."""

    key: str
    value: str | None
    sequence: int
    state: State
    request_id: str | None


@dataclass(slots=True)
class LedgerSession:
    """All writes of one session; nobody's until its creation is read."""

    id: str
    actor: str | None = None
    owner: str | None = None
    answers: list[LedgerAnswer] = field(default_factory=list)
    submit: Write | None = None

    def by_question(self) -> dict[str, list[LedgerAnswer]]:
        """Its answers in the order of sending, question by question."""
        groups: dict[str, list[LedgerAnswer]] = {}
        for answer in self.answers:
            groups.setdefault(answer.key, []).append(answer)
        return groups

    @property
    def acknowledged(self) -> int:
        """How many of its answers were acknowledged."""
        return sum(answer.state == "acknowledged" for answer in self.answers)


@dataclass(slots=True)
class LedgerSubjects:
    """The writes of every session, and how many answers were acknowledged."""

    sessions: dict[str, LedgerSession] = field(default_factory=dict)
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
            session = self.sessions[write.subject] = LedgerSession(write.subject)
        if write.kind == "answer" and write.key is not None:
            key = self._texts.setdefault(write.key, write.key)
            session.answers.append(LedgerAnswer(key, write.value, write.sequence, write.state, write.request_id))
        elif write.kind == "create":
            session.actor, session.owner = write.actor, write.owner
        elif write.kind == "submit":
            session.submit = write

    def created(self) -> list[LedgerSession]:
        """The sessions whose creation was acknowledged."""
        return [session for session in self.sessions.values() if session.actor is not None]


def last_acknowledged(answers: list[LedgerAnswer]) -> LedgerAnswer | None:
    """The acknowledged answer with the highest sequence, None where none was acknowledged."""
    last = None
    for answer in answers:
        if answer.state == "acknowledged" and (last is None or answer.sequence > last.sequence):
            last = answer
    return last
