"""Records of the SQL checks and of the ledger's reconciliation with the database."""

from pytest_examday.contract.model import Record


class SqlCheck(Record):
    """One file of `sql/`: how many rows offend, and a sample of them with their ids."""

    name: str
    title: str
    file: str
    count: int
    sample: tuple[dict[str, str | None], ...]
    seconds: float


class Finding(Record):
    """One write, session or score about which ledger and database do not agree."""

    kind: str
    candidate: str
    session_id: str
    question_id: str | None
    acknowledged: str | None
    stored: str | None
    request_id: str | None
    story: str


class Reconciliation(Record):
    """Every acknowledged write of one or more ledgers, looked for in the database.

    `kept` acknowledged and stored as acknowledged; `lost` acknowledged and absent; `stale` acknowledged and
    stored with another value; `unknown_kept` / `unknown_absent` never answered for, and stored or not;
    `never_sent` stored and sent by nobody; `vanished` sessions that were acknowledged and are not there;
    `lost_submits` submissions that were acknowledged of sessions that are not submitted. Counts are whole, and so
    are the names of the `harmed` candidates; `findings` are the first of them.
    """

    ledgers: tuple[str, ...]
    sessions: int
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
    harmed: tuple[str, ...] = ()

    @property
    def losses(self) -> int:
        """Acknowledged writes that are gone or changed, sessions that vanished, submissions included."""
        return self.lost + self.stale + self.vanished + self.lost_submits


class DataSummary(Record):
    """The summary statistics of the report template (seed 000, phase 4)."""

    sessions: int
    submitted_sessions: int
    answers: int
    events: int
    sessions_with_submit_event: int


class IntegrityEvidence(Record):
    """Phase 4, and once more after the recovery drill."""

    checks: tuple[SqlCheck, ...]
    summary: DataSummary
    reconciliation: Reconciliation

    def check(self, name: str) -> SqlCheck:
        """The SQL check of that name; KeyError where it was not run."""
        for check in self.checks:
            if check.name == name:
                return check
        raise KeyError(name)
