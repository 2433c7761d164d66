"""The keys of `[env.NAME.staging.webhooks]`: where webhooks are sent, what they hold, and where their effect is."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, HttpUrl, JsonValue, SecretStr, model_validator

from pytest_examday.config.beside_configuration import ConfiguredPath
from pytest_examday.contract.sent_headers import HeaderName, HeaderValue, SecretHeaderValue
from pytest_examday.contract.vocabulary import Mistake, placeholders_in, unknown_placeholders
from pytest_examday.record import DESCRIBED_FIELDS, Record
from pytest_examday.several_mistakes import several_mistakes
from pytest_examday.suites.staging.webhooks.signing_settings import Signing

_RANDOM = "random"
_SELECT = ("select", "with", "table", "values")
OWN_NAMES = ("id", "type", "timestamp", "time")
"""Placeholders of a body that the rehearsal fills itself."""

Status = Annotated[int, Field(ge=200, le=599)]


def _selects(statement: str) -> str:
    words = statement.split()
    if not words or words[0].lower().lstrip("(") not in _SELECT:
        raise ValueError("must be a statement that only reads: SELECT …")
    return statement


Query = Annotated[str, AfterValidator(_selects)]
"""SQL that only reads. `{id}` is the id of a webhook, and `{NAME}` a value of its sender; both are bound as values."""


StoredHow = Literal["encrypted", "omitted", "plain"]


def _absolute(path: str) -> str:
    if not path.startswith("/"):
        raise ValueError("must begin with /: it is added to the address of the service")
    return path


AbsolutePath = Annotated[str, AfterValidator(_absolute), Field(json_schema_extra={"pattern": "^/"})]
"""The path of an address, from its `/` on."""


class Sender(Record):
    """Somebody who sends webhooks, with a secret of its own: a company, an account, an integration."""

    model_config = DESCRIBED_FIELDS

    name: str = Field(min_length=1)
    """The name in reports."""
    secret: SecretStr = Field(min_length=1)
    """The secret of its signatures, as `${VARIABLE}`."""
    values: dict[str, str] = Field(default_factory=dict)
    """Values for the placeholders of `path`, `headers`, `body` and SQL, for instance the id of the company."""


class CanaryField(Record):
    """A field of the body whose value holds a random text, which is searched for afterwards."""

    model_config = DESCRIBED_FIELDS

    value: str = "{random}"
    """The value, with `{random}` in it, for instance `{random}@example.com`."""
    stored: StoredHow = "encrypted"
    """What the service promises. `encrypted`: it stores the field only encrypted. `omitted`: the minimal payload has no
    such field, so it is not stored as plain text, nor encrypted unless `padding_bytes` is 0. `plain`: the field may be
    stored as it is, and is not searched for."""

    @model_validator(mode="after")
    def _is_random(self) -> Self:
        unknown = list(unknown_placeholders(("value",), self.value, (_RANDOM,)))
        if _RANDOM not in placeholders_in(self.value):
            unknown.append((("value",), "has no {random}: nothing could be searched for"))
        if unknown:
            raise several_mistakes(unknown)
        return self


class Stored(Record):
    """Where the effect of a webhook is found in the database."""

    model_config = DESCRIBED_FIELDS

    by_id: Query
    """Selects the rows that the webhook `{id}` has left. One row is one effect."""
    count: Query
    """Selects the number of all effects, of this sender alone if others are busy. It shows that a refused webhook has
    stored nothing, also not under another id."""
    attributed: Query | None = None
    """Selects the rows to which the webhook `{id}` was attributed, for instance its recovery case."""
    schemas: tuple[Annotated[str, Field(min_length=1)], ...] = Field(("public",), min_length=1)
    """The schemas in whose tables nothing may be found that has to be encrypted or not stored."""

    @model_validator(mode="after")
    def _names_the_webhook(self) -> Self:
        mistakes: list[Mistake] = [
            ((key,), "has no {id}: it has to select the rows of one webhook")
            for key, query in (("by_id", self.by_id), ("attributed", self.attributed))
            if query is not None and "id" not in placeholders_in(query)
        ]
        if mistakes:
            raise several_mistakes(mistakes)
        return self


class WebhookRateLimit(Record):
    """The rate limit that the service promises to each sender."""

    model_config = DESCRIBED_FIELDS

    count: int = Field(300, ge=1, le=5000)
    """How many webhooks of one sender are let through in the window."""
    window_seconds: int = Field(3600, ge=1)
    status: Status = 429
    """The status of a refusal."""
    header: HeaderName | None = "Retry-After"
    """The header of a refusal that says in how many seconds, or when, the sender may try again."""
    sender: str
    """The name of the sender whose limit is used up. No other trial uses it."""
    other: str
    """The name of a sender that must not notice it."""
    used: Query | None = None
    """Selects how much of the limit of `sender` is used already. Without it none is expected to be used."""

    @property
    def words(self) -> str:
        """The limit in words, for instance `300/hour`."""
        units = {1: "second", 60: "minute", 3600: "hour", 86_400: "day"}
        return f"{self.count}/{units.get(self.window_seconds, f'{self.window_seconds} s')}"


class Deletion(Record):
    """A request that makes the service delete what it stores about a person."""

    model_config = DESCRIBED_FIELDS

    method: Literal["POST", "DELETE", "PUT", "PATCH"] = "POST"
    path: AbsolutePath
    """It is added to the address of the webhooks, and may hold the placeholders of a body."""
    headers: dict[HeaderName, SecretHeaderValue] = Field(default_factory=dict)
    """Its headers, which are hidden everywhere because they may hold a token."""
    body: JsonValue = None
    """The JSON body; without it the request has none."""
    success: tuple[Status, ...] = (200, 202, 204)
    gone: Query | None = None
    """Selects the rows that must be gone afterwards; without it those of `stored.by_id`."""


class Webhooks(Record):
    """How webhooks reach the service, and where their effect is found."""

    model_config = DESCRIBED_FIELDS

    path: AbsolutePath
    """The path at which webhooks are received. It may hold values of the sender, as in `/webhooks/{company}`."""
    base_url: HttpUrl | None = None
    """The address to which `path` is added, if it is another one than `api_url`."""
    method: Literal["POST", "PUT"] = "POST"
    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict)
    """Sent with every webhook. They may hold the placeholders of the body."""
    content_type: HeaderValue = "application/json"
    body: dict[str, JsonValue] | None = None
    """The JSON body. Placeholders: `{id}`, `{type}`, `{timestamp}` (as in the signature), `{time}` (ISO 8601), each
    name of `fields`, and each value of the sender."""
    body_file: ConfiguredPath | None = None
    """A file with the body, in place of `body`. It may hold the same placeholders."""
    id: str = "evt_{random}"
    """The form of the ids: a text with `{random}` (20 letters and digits) or `{uuid}`."""
    type: str = ""
    """The value of `{type}`."""
    unknown_type: Literal["refused", "ignored"] = "refused"
    """What the service promises for a type that it does not know: it refuses the webhook, or it accepts it and stores
    nothing."""
    signing: Signing
    senders: tuple[Sender, ...] = Field(min_length=1)
    """Who sends webhooks. The first one sends those of all trials but that of the rate limit."""
    fields: dict[str, CanaryField] = Field(default_factory=dict)
    """Name of a placeholder -> the field with a random text."""
    padding_bytes: int = Field(2048, ge=0, le=1_000_000)
    """By how much the omitted fields are made longer in one webhook, to see that its rows are not longer too; 0: the
    service may keep them in an encrypted copy, and this is not tried."""
    stored: Stored
    success: tuple[Status, ...] = Field((200, 201, 202, 204), min_length=1)
    """The statuses of an accepted webhook."""
    duplicate: tuple[Status, ...] = ()
    """Further statuses that a duplicate may get, for instance 409."""
    too_large_bytes: int = Field(8 * 1024 * 1024, ge=1024, le=64 * 1024 * 1024)
    """The size of a body that the service promises to refuse."""
    deadline_seconds: float = Field(10, gt=0, le=600)
    """How long after its acceptance the effect of a webhook may come."""
    settle_seconds: float = Field(1, ge=0, le=60)
    """For how long the rehearsal waits for effects that must not come."""
    timeout_seconds: float = Field(10, gt=0, le=120)
    """The longest time of one request."""
    duplicates: int = Field(50, ge=2, le=500)
    """How many duplicates are sent at the same moment."""
    rate_limit: WebhookRateLimit | None = None
    deletion: Deletion | None = None
    kill_worker_command: Annotated[str, Field(min_length=1)] | None = None
    """A shell command that kills one worker of the service while it processes webhooks."""
    recovery_seconds: float = Field(30, gt=0, le=600)
    """How long after the death of a worker the service may take to accept webhooks again."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        mistakes = [*self._mistakes_of_body(), *self._mistakes_of_names(), *self._mistakes_of_limit()]
        if mistakes:
            raise several_mistakes(mistakes)
        return self

    def _mistakes_of_body(self) -> Iterator[Mistake]:
        if (self.body is None) == (self.body_file is None):
            has = "is empty" if self.body is None else "stands beside body_file"
            yield ("body",), f"{has}; give one of: body, body_file"
        if not {_RANDOM, "uuid"} & set(placeholders_in(self.id)):
            yield ("id",), "has no {random} and no {uuid}: each webhook needs an id of its own"
        yield from unknown_placeholders(("id",), self.id, (_RANDOM, "uuid"))

    def _mistakes_of_names(self) -> Iterator[Mistake]:
        of_sender = tuple(dict.fromkeys(name for sender in self.senders for name in sender.values))
        in_body = (*OWN_NAMES, *self.fields, *of_sender)
        for taken in (*OWN_NAMES, *of_sender):
            if taken in self.fields:
                yield ("fields", taken), f"{{{taken}}} has another meaning already; take another name"
        yield from unknown_placeholders(("path",), self.path, of_sender)
        yield from unknown_placeholders(("headers",), self.headers, in_body)
        yield from unknown_placeholders(("body",), self.body, in_body)
        if self.deletion is not None:
            headers = [value.get_secret_value() for value in self.deletion.headers.values()]
            for key, value in (("path", self.deletion.path), ("headers", headers), ("body", self.deletion.body)):
                yield from unknown_placeholders(("deletion", key), value, in_body)
        queries: dict[tuple[str, ...], Any] = {
            ("stored", "by_id"): self.stored.by_id,
            ("stored", "count"): self.stored.count,
            ("stored", "attributed"): self.stored.attributed,
            ("rate_limit", "used"): None if self.rate_limit is None else self.rate_limit.used,
            ("deletion", "gone"): None if self.deletion is None else self.deletion.gone,
        }
        for place, query in queries.items():
            names = [name for name in placeholders_in(query) if not name.isdigit()]
            yield from unknown_placeholders(place, [f"{{{name}}}" for name in names], ("id", *of_sender))
        for number, sender in enumerate(self.senders):
            for missing in [name for name in of_sender if name not in sender.values]:
                yield ("senders", str(number), "values", missing), "is missing; every sender needs the same values"

    def _mistakes_of_limit(self) -> Iterator[Mistake]:
        names = [sender.name for sender in self.senders]
        if len(set(names)) < len(names):
            yield ("senders",), "two of them have the same name"
        if self.rate_limit is None:
            return
        for key in ("sender", "other"):
            name = getattr(self.rate_limit, key)
            if name not in names:
                yield ("rate_limit", key), f"no sender is called {name!r}; senders: {', '.join(names)}"
        if self.rate_limit.sender == self.rate_limit.other:
            yield ("rate_limit", "other"), "must be another one than `sender`"
        if self.rate_limit.sender == names[0]:
            yield ("rate_limit", "sender"), "is the first sender, which the other trials use; name another one"

    def sender(self, name: str) -> Sender:
        """The sender with this name."""
        return next(sender for sender in self.senders if sender.name == name)
