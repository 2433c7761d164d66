"""A short exam that the rehearsal sits itself through the API, to find out what a source of the stored state shows."""

from dataclasses import dataclass
from typing import Any

from pytest_examday.errors import Unmeasurable
from pytest_examday.integrity.ledger_subjects import joined_keys
from pytest_examday.load.ledger import Write
from pytest_examday.monotonic_clock import now
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.target.api import Reply
from pytest_examday.target.target import Target


@dataclass(frozen=True)
class OwnExam:
    """A submitted exam: all questions but the last were answered, and all writes were acknowledged.

    `writes` are its ledger, `submitted_at` is in seconds since the epoch."""

    candidate: ProbeCandidate
    writes: tuple[Write, ...]
    submitted_at: float

    @classmethod
    def sit(cls, target: Target) -> "OwnExam":
        """Sit the exam with the next account. Raises Unmeasurable if there is none, or if the platform refuses a
        step."""
        (account,) = target.accounts.take(1)
        candidate = ProbeCandidate.begin(target, account)
        opened = _accepted(candidate.open())
        questions = joined_keys(question["id"] for question in candidate.questions)
        writes = [_write(candidate, "create", opened, key="own", result=questions)]
        if candidate.session_id is None:
            raise Unmeasurable("the reply to create holds no session id")
        answerable = [number for number, question in enumerate(candidate.questions) if question["choices"]]
        for number in answerable[: max(1, len(answerable) - 1)]:
            reply = _accepted(candidate.answer(number))
            question = candidate.questions[number]["id"]
            value = candidate.given[question]
            writes.append(
                _write(candidate, "answer", reply, key=str(question), value=str(value), sequence=candidate.sequence)
            )
        submitted = _accepted(candidate.submit())
        score = submitted.find("score")
        writes.append(_write(candidate, "submit", submitted, result=None if score is None else str(score)))
        return cls(candidate, tuple(writes), now())

    @property
    def session(self) -> str:
        """The id of the session, as the API spells it."""
        return str(self.candidate.session_id)

    @property
    def actor(self) -> str:
        """The candidate's e-mail address."""
        return self.candidate.login.account.email

    def is_shown(self) -> bool:
        """Whether the API shows the session to its candidate."""
        return self.candidate.read().accepted


def _accepted(reply: Reply) -> Reply:
    if not reply.accepted:
        raise Unmeasurable(f"{reply.operation.method} {reply.operation.path} was answered with {reply}")
    return reply


def _write(candidate: ProbeCandidate, kind: str, reply: Reply, **fields: Any) -> Write:
    """An acknowledged write of the session."""
    return Write(
        id=reply.request_id,
        kind=kind,
        actor=candidate.login.account.email,
        sent_at=now(),
        owner=candidate.login.owner,
        subject=str(candidate.session_id),
        state="acknowledged",
        answered_at=now(),
        request_id=reply.request_id,
        **fields,
    )
