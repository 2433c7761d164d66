"""Records of SQL checks, and of ledgers compared with what is stored."""

from typing import Literal

from pytest_examday.record import Record

WitnessName = Literal["database", "api"]
"""Who says what is stored."""
LOG_OF_ANSWERS = "the platform's own log of answers"
"""What a witness leaves unjudged who cannot read the relation `events`."""


class SqlCheck(Record):
    """One file of `sql/`: how many rows offend, and a sample of them with their ids."""

    name: str
    title: str
    file: str
    count: int
    sample: tuple[dict[str, str | None], ...]
    seconds: float


class Finding(Record):
    """One write or subject about which ledger and witness do not agree.

    `key` tells the writes of a subject apart: in an exam it is the question.
    """

    kind: str
    actor: str
    subject: str
    key: str | None
    acknowledged: str | None
    stored: str | None
    request_id: str | None
    story: str


class Reconciliation(Record):
    """Every acknowledged write of one or more ledgers, looked for in what the `witness` tells is stored.

    `kept` acknowledged and stored as acknowledged; `lost` acknowledged and absent; `stale` acknowledged and
    stored with another value; `unknown_kept` / `unknown_absent` never answered for, and stored or not;
    `never_sent` stored and sent by nobody; `vanished` sessions that were acknowledged and are not there;
    `lost_submits` submissions that were acknowledged of sessions that are not submitted; `unread` sessions that the
    witness could not read, and `uncompared` the acknowledged answers in them.

    Of the answers that are kept, `event_missing` are those of which the platform's own log of events holds nothing,
    and `event_disagrees` those of which it ends with another value that nobody left open; `losses_logged` are the
    lost and stale ones that the log has.

    Counts are whole, and so are the names of the `harmed` actors; `findings` are some of them, at least one for
    each harmed actor. `unjudged` names what this witness cannot tell, so that nobody takes its zero for a pass.
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

    @property
    def losses(self) -> int:
        """Acknowledged writes that are gone or changed, sessions that vanished, submissions included."""
        return self.lost + self.stale + self.vanished + self.lost_submits

    @property
    def log_read(self) -> bool:
        """Whether the platform's own log of answers was compared as well."""
        return LOG_OF_ANSWERS not in self.unjudged

    def first(self, kind: str) -> Finding | None:
        """The first finding of that kind that was kept."""
        return next((finding for finding in self.findings if finding.kind == kind), None)
