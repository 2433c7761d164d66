"""Records of SQL checks, and of the comparison of ledgers with what is stored."""

from typing import Literal

from pytest_examday.record import Record

WitnessName = Literal["database", "api"]
"""The source that tells what is stored."""
OWN_LOG = "the platform's own log of answers"
"""What is left unjudged if the witness cannot read the relation `events`."""


class SqlCheck(Record):
    """The result of one SQL check: how many rows it found, and the first of them. `file` is below the folder `sql/`,
    `seconds` is how long it took."""

    name: str
    title: str
    file: str
    count: int
    sample: tuple[dict[str, str | None], ...]
    seconds: float


class Finding(Record):
    """One write or subject for which ledger and witness differ.

    `key` is the key of the write (in an exam the question), `acknowledged` and `stored` are its values, and `story`
    says in one sentence what differs."""

    kind: str
    actor: str
    subject: str
    key: str | None
    acknowledged: str | None
    stored: str | None
    request_id: str | None
    story: str


class Reconciliation(Record):
    """The comparison of one or more ledgers with what the `witness` tells is stored.

    Writes with a key (in an exam answers):

    * `acknowledged`: all that were acknowledged; `kept`: those that are stored as acknowledged;
    * `lost`: acknowledged and absent; `stale`: acknowledged, and another value is stored;
    * `unknown_kept`, `unknown_absent`: never answered, and stored or not;
    * `never_sent`: stored, and sent by nobody; `accepted_after_submit`: stored after the finish.

    Subjects (in an exam sessions):

    * `subjects`: all that were opened; `vanished`: opened, and not there; `owner_changed`: stored with another owner;
    * `unsubmitted`: stored as not finished; `lost_submits`: their finish was acknowledged, and they are not finished;
    * `scores_compared`: scores that could be compared, `wrong_scores` those that the acknowledged answers do not earn;
    * `unread`: the witness could not read them; `uncompared`: acknowledged writes of these subjects.

    The platform's own log of events: of the kept writes, `event_missing` have no event, and for `event_disagrees` the
    log ends with a value that no unanswered write explains. `losses_logged` are lost and stale writes that the log has.

    All counts are complete, and so are the names of the `harmed` actors. `findings` are a selection, with at least one
    for each harmed actor. `unjudged` names what this witness cannot tell, so that its zero is not taken for a pass.
    `blind` says what the witness was seen not to see although the platform's API shows it.
    """

    ledgers: tuple[str, ...]
    subjects: int
    acknowledged: int
    kept: int
    lost: int
    stale: int
    unknown_kept: int
    unknown_absent: int
    never_sent: int
    vanished: int
    wrong_scores: int
    accepted_after_submit: int
    owner_changed: int
    unsubmitted: int
    scores_compared: int
    findings: tuple[Finding, ...]
    lost_submits: int = 0
    event_missing: int = 0
    event_disagrees: int = 0
    losses_logged: int = 0
    unread: int = 0
    uncompared: int = 0
    harmed: tuple[str, ...] = ()
    witness: WitnessName = "database"
    unjudged: tuple[str, ...] = ()
    blind: tuple[str, ...] = ()

    @property
    def accuses(self) -> bool:
        """Whether the witness says that something is not stored as it was acknowledged."""
        return bool(self.losses or self.never_sent or self.owner_changed or self.accepted_after_submit)

    @property
    def losses(self) -> int:
        """How much of what was acknowledged is lost: lost and stale writes, vanished subjects, and lost finishes."""
        return self.lost + self.stale + self.vanished + self.lost_submits

    @property
    def log_read(self) -> bool:
        """Whether the platform's own log of answers was compared too."""
        return OWN_LOG not in self.unjudged

    def first(self, kind: str) -> Finding | None:
        """The first finding of this kind; None if there is none."""
        return next((finding for finding in self.findings if finding.kind == kind), None)
