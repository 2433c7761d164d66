"""Records of SQL checks, and of the comparison of ledgers with what is stored."""

from collections import Counter
from datetime import UTC, datetime
from typing import Literal, Self

from pydantic import model_validator

from pytest_examday.contract.sql_file import Severity
from pytest_examday.evidence.quantities import Count, Moment, Seconds, require_no_more
from pytest_examday.record import Record

_COUNTS = {
    "lost_submit": "lost_submits",
    "wrong_score": "wrong_scores",
    "duplicate_session": "duplicate_sessions",
    "shared_owner": "shared_owners",
}
"""By kind of difference: the field that counts it, where it is not called like the kind."""
StateSourceName = Literal["database", "api"]
"""The source that tells what is stored."""
OWN_LOG = "the platform's own log of answers"
"""What is left unjudged if the witness cannot read the relation `events`."""
SECOND_SESSIONS = "second sessions of one key"
"""What is left unjudged if the witness cannot tell when sessions were opened, or the platform has no keys."""


class SqlCheck(Record):
    """The result of one SQL check: how many rows it found, and the first of them.

    `file` is the name with its folder, `sql/` for those of this plugin; `seconds` is how long the check took. Rows of
    the severity `information` are told and fail nothing. `problem` is why the check could not be run.
    """

    name: str
    title: str
    file: str
    count: Count
    sample: tuple[dict[str, str | None], ...]
    seconds: Seconds
    severity: Severity = "failure"
    problem: str | None = None

    @model_validator(mode="after")
    def _counts_what_was_run(self) -> Self:
        if self.problem is not None and self.count:
            raise ValueError(f"count is {self.count}, and problem says that the check could not be run")
        return self

    @property
    def example(self) -> str:
        """The first row as the end of a sentence; empty if none is kept."""
        if not self.sample:
            return ""
        return f" (first: {', '.join(f'{name} {value}' for name, value in self.sample[0].items())})"


class Difference(Record):
    """One write or subject for which ledger and witness differ.

    `key` is the key of the write (in an exam the question), `acknowledged` and `stored` are its values, `answered_at`
    is when it was acknowledged (seconds since the epoch), and `story` says in one sentence what differs."""

    kind: str
    actor: str
    subject: str
    key: str | None
    acknowledged: str | None
    stored: str | None
    request_id: str | None
    story: str
    answered_at: Moment | None = None

    @property
    def story_there(self) -> str:
        """What differs, where, and when it was acknowledged."""
        key = f", question {self.key}" if self.key else ""
        at = self.answered_at
        when = "" if at is None else f", acknowledged at {datetime.fromtimestamp(at, UTC):%H:%M:%S} UTC"
        return f"session {self.subject}{key}{when}: {self.story}"

    @property
    def told(self) -> str:
        """Whose it is, where, when it was acknowledged, and what differs."""
        return f"{self.actor or 'nobody'}, {self.story_there}"


class Reconciliation(Record):
    """The comparison of one or more ledgers with what the `source` tells is stored.

    Writes with a key (in an exam answers):

    * `acknowledged`: all that were acknowledged; `kept`: those that are stored as acknowledged;
    * `lost`: acknowledged and absent; `stale`: acknowledged, and another value is stored;
    * `unknown_kept`, `unknown_absent`: never answered, and stored or not;
    * `never_sent`: stored, and sent by nobody; `accepted_after_submit`: stored after the finish.

    Subjects (in an exam sessions):

    * `subjects`: all that were opened; `vanished`: opened, and not there; `owner_changed`: stored with another owner;
    * `shared_owners`: their actor was logged in under the id of another actor;
    * `unsubmitted`: stored as not finished; `lost_submits`: their finish was acknowledged, and they are not finished;
    * `scores_compared`: scores that could be compared, `wrong_scores` those that the acknowledged answers do not earn;
    * `two_results`: their finish was acknowledged with several results; `duplicate_sessions`: one opening write gave
      them and another one; `other_questions`: they have other keys than the answer to the opening write told;
    * `unread`: the witness could not read them; `uncompared`: acknowledged writes of these subjects.

    The platform's own log of events: of the kept writes, `event_missing` have no event, and for `event_disagrees` the
    log ends with a value that no unanswered write explains. `changes` are keys that were acknowledged with several
    values in turn; for `history_missing` of them the log has fewer events than values. `losses_logged` are lost and
    stale writes that the log has.

    All counts are complete, and so are the names of the `harmed` actors. `differences` are a selection, with at least one
    for each harmed actor. `unjudged` names what this witness cannot tell, so that its zero is not taken for a pass.
    `not_shown` says what the witness was seen not to see although the platform's API shows it.
    """

    ledgers: tuple[str, ...]
    subjects: Count
    acknowledged: Count
    kept: Count
    lost: Count
    stale: Count
    unknown_kept: Count
    unknown_absent: Count
    never_sent: Count
    vanished: Count
    wrong_scores: Count
    accepted_after_submit: Count
    owner_changed: Count
    unsubmitted: Count
    scores_compared: Count
    differences: tuple[Difference, ...]
    lost_submits: Count = 0
    two_results: Count = 0
    duplicate_sessions: Count = 0
    other_questions: Count = 0
    shared_owners: Count = 0
    changes: Count = 0
    history_missing: Count = 0
    event_missing: Count = 0
    event_disagrees: Count = 0
    losses_logged: Count = 0
    unread: Count = 0
    uncompared: Count = 0
    harmed: tuple[str, ...] = ()
    source: StateSourceName = "database"
    unjudged: tuple[str, ...] = ()
    not_shown: tuple[str, ...] = ()

    @property
    def contradicts_ledger(self) -> bool:
        """Whether the witness says that something is not stored as it was acknowledged."""
        strange = self.never_sent + self.owner_changed + self.accepted_after_submit + self.shared_owners
        return self.losses + strange + self.duplicate_sessions + self.other_questions > 0

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        """Each acknowledged write has one fate, no part is greater than its whole, and differences are counted."""
        fates = self.kept + self.lost + self.stale + self.uncompared
        if fates != self.acknowledged:
            raise ValueError(
                f"acknowledged is {self.acknowledged}, and kept, lost, stale and uncompared are {fates} together"
            )
        require_no_more(self.event_missing + self.event_disagrees, self.kept, "events of more writes than were kept")
        require_no_more(self.history_missing, self.changes, "more changes are missing in the log than were made")
        require_no_more(self.vanished + self.unread, self.subjects, "more subjects vanished or unread than were opened")
        for kind, told in Counter(difference.kind for difference in self.differences).items():
            field = _COUNTS.get(kind, kind)
            require_no_more(told, getattr(self, field, told), f"more differences of {kind} than {field} counts")
        return self

    @property
    def nothing_compared(self) -> str | None:
        """Why no acknowledged write was compared; None where one was."""
        if self.acknowledged == 0:
            return "no answer was acknowledged, so none could be lost"
        return None if self.acknowledged > self.uncompared else f"none of {self.acknowledged} answers was compared"

    @property
    def losses(self) -> int:
        """How much of what was acknowledged is lost: lost and stale writes, vanished subjects, and lost finishes."""
        return self.lost + self.stale + self.vanished + self.lost_submits

    @property
    def log_read(self) -> bool:
        """Whether the platform's own log of answers was compared too."""
        return OWN_LOG not in self.unjudged

    def example(self, kind: str) -> str:
        """The first difference of this kind as the end of a sentence; empty if none is kept."""
        first = self.first(kind)
        return "" if first is None else f" (first: {first.told})"

    def first(self, kind: str) -> Difference | None:
        """The first difference of this kind; None if there is none."""
        return next((difference for difference in self.differences if difference.kind == kind), None)
