"""Records of SQL checks, and of the comparison of ledgers with what is stored."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any, Literal, Self

from pydantic import field_validator, model_validator

from pytest_examday.contract.sql_file import Severity
from pytest_examday.evidence.former_names import by_present_names
from pytest_examday.evidence.quantities import Count, Moment, Seconds, require_no_more
from pytest_examday.record import Record

_COUNTS = {
    "lost_submit": "lost_submits",
    "wrong_score": "wrong_scores",
    "duplicate_session": "duplicate_sessions",
    "shared_owner": "shared_owners",
}
"""Kind of difference -> the field that counts it, for kinds whose field has another name."""
StateSourceName = Literal["database", "api"]
"""Where the stored state was read: from the database, or through the platform's API."""
EVENT_HISTORY = "the platform's event history"
"""What is left unjudged if the source cannot read the relation `events`."""
_FORMER_WORDS = {"the platform's own log of answers": EVENT_HISTORY}
"""What earlier versions wrote -> the present words."""
SECOND_SESSIONS = "two sessions opened with one idempotency key"
"""What is left unjudged if the source does not say when sessions were opened, or the platform has no idempotency
keys."""


class SqlCheck(Record):
    """The result of one SQL check."""

    name: str
    title: str
    file: str
    """The name of the file with its folder, `sql/` for those of this plugin."""
    count: Count
    """How many rows it found."""
    sample: tuple[dict[str, str | None], ...]
    """The first of these rows: column -> value."""
    seconds: Seconds
    """How long it took."""
    severity: Severity = "failure"
    """Rows of the severity `information` are reported and fail nothing."""
    problem: str | None = None
    """Why the check could not be run; None if it was."""

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
    """One write or subject for which the ledger and the stored state differ."""

    kind: str
    actor: str
    subject: str
    key: str | None
    """What the write was about, within its subject; in an exam the question. None if it was about the whole subject."""
    acknowledged: str | None
    """The value that the platform acknowledged."""
    stored: str | None
    """The value that is stored."""
    request_id: str | None
    story: str
    """What differs, in one sentence."""
    acknowledged_at: Moment | None = None
    """When the write was acknowledged."""

    @model_validator(mode="before")
    @classmethod
    def _by_present_names(cls, fields: Any) -> Any:
        return by_present_names(fields, {"answered_at": "acknowledged_at"})

    @property
    def located_story(self) -> str:
        """The subject, the key of the write and when it was acknowledged, and what differs."""
        key = f", question {self.key}" if self.key else ""
        at = self.acknowledged_at
        when = "" if at is None else f", acknowledged at {datetime.fromtimestamp(at, UTC):%H:%M:%S} UTC"
        return f"session {self.subject}{key}{when}: {self.story}"

    @property
    def sentence(self) -> str:
        """The actor, and the located story."""
        return f"{self.actor or 'nobody'}, {self.located_story}"


class Reconciliation(Record):
    """The comparison of one or more ledgers with the stored state.

    A subject is what writes belong to: in an exam a session, whose writes with a key are answers. All counts are
    complete. Acknowledged writes are `kept`, `lost`, `stale` or `uncompared`.
    """

    ledgers: tuple[str, ...]
    subjects: Count
    """Subjects that were opened."""
    acknowledged: Count
    """Writes with a key that were acknowledged."""
    kept: Count
    """Acknowledged writes that are stored with the acknowledged value."""
    lost: Count
    """Acknowledged writes that are not stored."""
    stale: Count
    """Acknowledged writes for which another value is stored."""
    unknown_kept: Count
    """Writes that got no reply and are stored."""
    unknown_absent: Count
    """Writes that got no reply and are not stored."""
    never_sent: Count
    """Values that are stored and that nobody sent."""
    vanished: Count
    """Subjects that were opened and do not exist any more."""
    wrong_scores: Count
    """Scores that the acknowledged answers do not earn."""
    accepted_after_submit: Count
    """Writes that were stored after the finish of their subject."""
    owner_changed: Count
    """Subjects that are stored with another owner."""
    unsubmitted: Count
    """Subjects that are stored as not finished."""
    scores_compared: Count
    """Scores that could be compared."""
    differences: tuple[Difference, ...]
    """A selection of the differences, with at least one for each harmed actor."""
    lost_submits: Count = 0
    """Subjects whose finish was acknowledged and that are not finished."""
    two_results: Count = 0
    """Subjects whose finish was acknowledged with several results."""
    duplicate_sessions: Count = 0
    """Subjects that one opening write made together with another subject."""
    other_questions: Count = 0
    """Subjects whose keys differ from those in the reply to their opening write."""
    shared_owners: Count = 0
    """Subjects whose actor was logged in under the id of another actor."""
    changed_keys: Count = 0
    """Keys that were acknowledged with several values in turn."""
    history_missing: Count = 0
    """Of `changed_keys`: keys for which the platform's event history has fewer events than values."""
    event_missing: Count = 0
    """Kept writes without an event in the platform's event history."""
    event_disagrees: Count = 0
    """Kept writes for which the event history ends with another value that no write without a reply explains."""
    losses_in_history: Count = 0
    """Lost and stale writes that the event history has."""
    unread: Count = 0
    """Subjects that the source could not read."""
    uncompared: Count = 0
    """Acknowledged writes of these subjects."""
    harmed: tuple[str, ...] = ()
    """The names of all actors whose data differ."""
    source: StateSourceName = "database"
    """Where the stored state was read."""
    unjudged: tuple[str, ...] = ()
    """What this source cannot show. The counts of these things are 0 and prove nothing."""
    not_shown: tuple[str, ...] = ()
    """What this source does not show although the platform's API shows it, one sentence for each cause."""

    @model_validator(mode="before")
    @classmethod
    def _by_present_names(cls, fields: Any) -> Any:
        return by_present_names(fields, {"changes": "changed_keys", "losses_logged": "losses_in_history"})

    @field_validator("unjudged", mode="after")
    @classmethod
    def _in_present_words(cls, unjudged: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_FORMER_WORDS.get(words, words) for words in unjudged)

    @property
    def contradicts_ledger(self) -> bool:
        """Whether something is not stored as it was acknowledged, or is stored and was never sent."""
        unexplained = self.never_sent + self.owner_changed + self.accepted_after_submit + self.shared_owners
        return self.losses + unexplained + self.duplicate_sessions + self.other_questions > 0

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        """Check the sums: each acknowledged write counts once, and no part is greater than its whole."""
        total = self.kept + self.lost + self.stale + self.uncompared
        if total != self.acknowledged:
            raise ValueError(
                f"acknowledged is {self.acknowledged}, and kept, lost, stale and uncompared are {total} together"
            )
        require_no_more(self.event_missing + self.event_disagrees, self.kept, "events of more writes than were kept")
        require_no_more(
            self.history_missing, self.changed_keys, "more changes are missing in the event history than were made"
        )
        require_no_more(self.vanished + self.unread, self.subjects, "more subjects vanished or unread than were opened")
        for kind, listed in Counter(difference.kind for difference in self.differences).items():
            field = _COUNTS.get(kind, kind)
            require_no_more(listed, getattr(self, field, listed), f"more differences of {kind} than {field} counts")
        return self

    @property
    def stored_wrongly(self) -> frozenset[str]:
        """The actors of whom anything is stored otherwise than it was acknowledged."""
        return frozenset((*self.harmed, *(difference.actor for difference in self.differences)))

    @property
    def nothing_compared(self) -> str | None:
        """Why no acknowledged write was compared; None if one was."""
        if self.acknowledged == 0:
            return "no answer was acknowledged, so none could be lost"
        return None if self.acknowledged > self.uncompared else f"none of {self.acknowledged} answers was compared"

    @property
    def losses(self) -> int:
        """How much of what was acknowledged is lost: lost and stale writes, vanished subjects, and lost finishes."""
        return self.lost + self.stale + self.vanished + self.lost_submits

    @property
    def history_read(self) -> bool:
        """Whether the platform's event history was compared too."""
        return EVENT_HISTORY not in self.unjudged

    def example(self, kind: str) -> str:
        """The first difference of this kind as the end of a sentence; empty if none is kept."""
        first = self.first(kind)
        return "" if first is None else f" (first: {first.sentence})"

    def first(self, kind: str) -> Difference | None:
        """The first difference of this kind; None if there is none."""
        return next((difference for difference in self.differences if difference.kind == kind), None)
