"""What phase 2 has seen: trials of single webhooks, duplicates, the rate limit, and traces of canaries."""

from typing import Literal, Self

from pydantic import Field, model_validator

from pytest_examday.evidence.quantities import Count, Seconds, require_no_more
from pytest_examday.record import Record
from pytest_examday.suites.staging.webhooks.settings import StoredHow

About = Literal["control", "signature", "replay", "timestamp", "content"]
"""What a trial tries: ordinary webhooks, forged ones, old ones, missing or future time stamps, odd contents."""
Expected = Literal["processed", "refused", "not stored"]
"""What the service has to do with a webhook: accept it and leave its effect; refuse it and store nothing; store
nothing, whatever it answers."""
HUGE = "a huge body"
"""The name of the trial in which the service may close the connection before it has read all."""
DuplicatesAbout = Literal["replay", "idempotency"]
"""What duplicates try: whether somebody who kept a request can use it again; whether a sender may repeat a webhook."""


class Reply(Record):
    """A reply to a webhook."""

    status: int = Field(ge=100, le=599)
    accepted: bool
    """Whether the status is one of an accepted webhook."""
    tells_error: bool = False
    """Whether the body says that there was an error."""
    limited: bool = False
    """Whether the status is that of a rate limit."""

    @property
    def says_accepted(self) -> bool:
        """Whether the sender has to believe that the webhook was accepted."""
        return self.accepted and not self.tells_error

    @property
    def in_words(self) -> str:
        """The reply in a few words."""
        return f"HTTP {self.status}{' with an error in its body' if self.tells_error else ''}"


class WebhookTrial(Record):
    """One webhook that was sent, what was answered, and what was stored."""

    name: str
    about: About
    expected: Expected
    reply: Reply | None = None
    """None if there was none; `no_reply` says why."""
    no_reply: str = ""
    rows: Count | None = None
    """The effects that were found by its id; None if they were not looked for."""
    rose: int = 0
    """By how much the number of all effects rose while a refused webhook was sent and answered."""
    rose_again: int | None = None
    """The least rise in further tries, which are made if the number rose though nothing was stored under the id."""
    untried: str = ""
    """Why it could not be tried."""

    @property
    def was_accepted(self) -> bool:
        """Whether the sender has to believe that the webhook was accepted."""
        return self.reply is not None and self.reply.says_accepted

    @property
    def was_processed(self) -> bool:
        """Whether it was accepted and has left an effect."""
        return self.was_accepted and bool(self.rows)


class Duplicates(Record):
    """Several requests with the same webhook, and the effects that they left."""

    name: str
    about: DuplicatesAbout
    webhook_id: str
    is_new: bool = True
    """Whether the webhook had not been processed before."""
    requests: Count
    replies: dict[str, Count] = Field({})
    """What was answered -> how often."""
    wrong: dict[str, Count] = Field({})
    """Those of the replies, or missing replies, that no duplicate may get -> how often."""
    limited: Count = 0
    """Requests that a rate limit refused."""
    at_once: Count = 0
    """How many connections had sent all but the last byte before any had sent the last."""
    rows: Count | None = None
    """The effects that were found; None if they were not looked for."""
    untried: str = ""
    """Why this could not be tried."""


class RateLimitSeen(Record):
    """What happened when a sender used up its limit."""

    limit: Count
    used_before: Count
    used_is_known: bool
    """Whether the database told how much was used before."""
    forged: Count
    """Webhooks with a wrong signature that were sent first."""
    forged_replies: dict[str, Count] = Field({})
    sent: Count
    let_through: Count
    refused: Count
    """Requests that got the status of the limit."""
    refusal_without_header: Count = 0
    """Refusals that lack the header, or in which it is no time in the future."""
    longest_wait_seconds: Seconds | None = None
    """The longest time after which a refusal lets the sender try again; None if no refusal says it."""
    window_seconds: Seconds = 0
    """The promised window."""
    others: dict[str, Count] = Field({})
    """Any other replies, or missing ones -> how often."""
    stored: Count = 0
    """Effects that came meanwhile."""
    refused_stored: Count = 0
    """Refused webhooks whose effect was found."""
    other_sender: WebhookTrial | None = None
    """A webhook of another sender, sent when the limit was used up."""
    seconds: Seconds = 0

    @classmethod
    def nothing(cls) -> Self:
        """The figures of a limit that was not tried."""
        return cls(limit=0, used_before=0, used_is_known=False, forged=0, sent=0, let_through=0, refused=0)

    @property
    def lost(self) -> int:
        """Webhooks that were let through and left no effect."""
        return max(self.let_through - self.stored, 0)

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        require_no_more(self.let_through + self.refused + sum(self.others.values()), self.sent, "replies")
        return self


class Trace(Record):
    """A place in which the random text of a field was found."""

    field: str
    place: str
    """In words: `column NAME of TABLE`, `log FILE`, `dump of TABLE`."""
    table: str = ""
    """The table in which it was found; empty if in none."""


class TraceSearch(Record):
    """One search for canaries: in tables, in logs, in a dump, or after a deletion."""

    traces: tuple[Trace, ...] = ()
    searched: Count = 0
    """Tables, files, or bytes of a dump that were searched."""
    sees: bool = False
    """Whether the search has found something that had to be there; otherwise it might be blind."""
    unread: dict[str, str] = Field({})
    """What could not be searched -> the reason."""
    untried: str = ""
    """Why nothing could be searched."""


class Padding(Record):
    """Whether the stored rows are longer if omitted fields are longer."""

    added: Count = 0
    """Bytes by which the body was longer."""
    row_bytes: Count = 0
    """The size of an ordinary row."""
    padded_row_bytes: Count = 0
    untried: str = ""

    @property
    def is_stored(self) -> bool:
        """Whether the longer fields have made the rows longer. Random letters cannot be compressed to half of their
        size, so half of the padding shows that it is stored."""
        return not self.untried and 2 * (self.padded_row_bytes - self.row_bytes) >= self.added


class DeletionSeen(Record):
    """What was left after a deletion request."""

    status: int | None = None
    accepted: bool = False
    rows_before: Count = 0
    rows_after: Count = 0
    search: TraceSearch = TraceSearch()
    untried: str = ""


class WebhooksEvidence(Record):
    """What phase 2 has measured."""

    sent: Count
    processed: Count
    """Webhooks that were accepted and whose effect was found."""
    errors: Count
    """Requests without a reply, replies with a status of 500 or more, and accepted webhooks without an effect."""
    trials: tuple[WebhookTrial, ...] = ()
    left_out: tuple[str, ...] = ()
    """Trials that this configuration does not allow, each with the reason."""
    duplicates: tuple[Duplicates, ...] = ()
    attributed: Count | None = None
    """The rows to which an ordinary webhook was attributed; None if `attribution_untried` says why nobody looked."""
    attribution_untried: str = ""
    unexplained: int = 0
    """Effects that were stored beyond those of all webhooks that were sent."""
    others_write: bool = False
    """Whether the number of effects changed while the rehearsal sent nothing."""
    rows_hidden: str = ""
    """The table of whose rows row level security may hide some from the rehearsal; empty if there is none."""
    has_timestamp: bool = True
    """Whether webhooks of this configuration have a time stamp."""
    rate_limit: RateLimitSeen | None = None
    rate_limit_untried: str = ""
    fields: dict[str, StoredHow] = Field({})
    """Name of a field with a canary -> how it may be stored."""
    tables: TraceSearch = TraceSearch()
    logs: TraceSearch = TraceSearch()
    dump: TraceSearch = TraceSearch()
    padding: Padding | None = None
    deletion: DeletionSeen | None = None

    @property
    def nothing_measured(self) -> str | None:
        """The reason why this is no measurement: no webhook was sent."""
        return None if self.sent else "no webhook was sent"

    @property
    def control_problem(self) -> str:
        """What is wrong with ordinary webhooks; empty if they are accepted and leave an effect. As long as they are
        not, a refusal of another webhook proves nothing."""
        ordinary = [trial for trial in self.trials if trial.about == "control"]
        if not ordinary:
            return "no ordinary webhook was sent"
        if not all(trial.was_accepted for trial in ordinary):
            return "an ordinary webhook was not accepted"
        return "" if all(trial.was_processed for trial in ordinary) else "an ordinary webhook left no effect"
