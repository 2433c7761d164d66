"""The contract: all API operations of one platform."""

import re
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, Field, JsonValue, model_validator

from pytest_examday.contract.operation import Operation
from pytest_examday.contract.patterns import HEADER_NAME, Pattern
from pytest_examday.contract.reply_search import checked, search
from pytest_examday.contract.sent_headers import HeaderName, HeaderValue, fits_into_header
from pytest_examday.contract.templates import Values, fill
from pytest_examday.contract.vocabulary import (
    ADDRESS,
    KEY,
    TOKEN,
    VOCABULARY,
    mistakes_in_keeps,
    mistakes_in_operation,
    unknown_placeholders,
)
from pytest_examday.record import DESCRIBED_FIELDS, Record
from pytest_examday.several_mistakes import several_mistakes

_TOKEN_LINE = re.compile(rf"{HEADER_NAME}:[^\r\n]*\{{token\}}[^\r\n]*")


class ProtectedOperation(Record):
    """A protected operation that exam mode must refuse (source document 001, "Protected Operations")."""

    model_config = DESCRIBED_FIELDS

    name: str
    operation: Operation
    bodies: tuple[JsonValue, ...] = ()
    """Further JSON bodies with which it is called, after that of the operation. A body that would do real work shows
    whether the platform refuses real work too: some platforms refuse only an empty request."""
    refused: tuple[int, ...] = (403, 409, 423)
    """The HTTP statuses of a refusal."""
    refused_when: Annotated[str, AfterValidator(checked)] | None = None
    """A JMESPath over the body that is true only for the refusal by exam mode, and false for others, such as a missing
    permission."""
    effects: tuple[str, ...] = ()
    """The tables to which the operation writes when it is not refused. If it names none, all tables are watched."""

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operation with each of its bodies, that of the operation first."""
        return (self.operation, *(self.operation.model_copy(update={"body": body}) for body in self.bodies))

    def refuses(self, status: int | None, body: Any) -> bool:
        """Whether the reply is the refusal by exam mode."""
        if status not in self.refused:
            return False
        return self.refused_when is None or bool(search(self.refused_when, body))


class Job(Record):
    """A background job that must skip its work in exam mode: exit with status 0, and print the words of a skip."""

    model_config = DESCRIBED_FIELDS

    name: str
    skipped: Pattern
    """A regular expression that its output matches when it was skipped."""
    effects: tuple[str, ...] = ()
    """The tables to which the job writes when it is not skipped."""


class RateLimit(Record):
    """A call that the platform limits, unless Redis is away (source document 002)."""

    model_config = DESCRIBED_FIELDS

    operation: Operation
    """`{nonce}` in it is different for each probe, so that probes do not share one limit."""
    burst: int = Field(ge=2, le=10_000)
    """The platform refuses at least one of so many calls in a row."""
    limited: int = 429
    """The HTTP status of the refusal."""


class Metrics(Record):
    """The names of metrics, in Prometheus text format, of the database pool, the Redis client and the memory."""

    model_config = DESCRIBED_FIELDS

    operation: Operation
    pool_in_use_peak: str
    pool_limit: str
    pool_size: str
    pool_in_use: str
    pool_max: str
    redis_errors: str
    redis_reconnects: str
    memory: str | None = None
    """One value for each worker: its resident memory in bytes; None if the platform has no such metric."""


ROOT = Operation(method="GET", path="/", auth="none", success=tuple(range(200, 500)))


"""An operation that every API has. Any reply to it will do."""


def checked_token_header(line: str) -> str:
    """The line itself. Raises ValueError if it is not a header with `{token}` in its value."""
    if not (_TOKEN_LINE.fullmatch(line) and fits_into_header(line)):
        raise ValueError(f"{line!r} must be a header whose value holds {{{TOKEN}}}, such as 'Cookie: sid={{{TOKEN}}}'")
    return line


class Contract(Record):
    """All that the rehearsal needs to know to use the API of one platform.

    An operation that is None does not exist. What needs it is no part of a rehearsal, and the report names it.
    """

    model_config = DESCRIBED_FIELDS

    SOURCE_KEYS: ClassVar[tuple[str, ...]] = ("endpoint",)

    name: str
    request_id_header: HeaderName = "X-Request-ID"
    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict)
    """Sent with every request. They may hold `{address}`, an address that each person has for itself, for a platform
    that trusts a header such as `X-Forwarded-For`, and the names that operations keep."""
    token_header: Annotated[str, AfterValidator(checked_token_header)] = "Authorization: Bearer {token}"  # noqa: S105 # a template
    """The line of the header that carries a person's token or session cookie. It may hold what `headers` may hold."""
    worker_header: HeaderName | None = None
    """The header in which every reply names the worker that gave it."""
    idempotency_header: HeaderName | None = None
    """The header for idempotency keys. A platform may take them as `{key}` in the request itself instead, or not at
    all."""
    health: Operation | None = None
    ready: Operation | None = None
    sign_up: Operation | None = None
    """Makes an account; if there is one already, the refusal is one of `stored_already`."""
    before_login: Operation | None = None
    """A page that a person opens before the login, for the values that it keeps."""
    login: Operation | None = None
    after_login: Operation | None = None
    """A page that a person opens after the login, for the values that it keeps."""
    refresh: Operation | None = None
    logout: Operation | None = None
    create: Operation
    create_short: Operation | None = None
    read: Operation
    answer: Operation
    clear: Operation | None = None
    """Takes an answer back, so that the question is blank again."""
    submit: Operation
    review: Operation | None = None
    exam_mode: Operation | None = None
    exam_mode_variable: str | None = None
    protected: tuple[ProtectedOperation, ...] = ()
    allowed: dict[str, Operation] = Field(default_factory=dict)
    jobs: tuple[Job, ...] = ()
    audit_tables: tuple[str, ...] = ()
    """The tables in which the platform notes calls that it refused and jobs that it skipped; such rows are no
    effect."""
    redis_keys: tuple[str, ...] = ()
    """Patterns of keys, such as `question:*`, that a refused call must not remove from Redis."""
    rate_limit: RateLimit | None = None
    metrics: Metrics | None = None
    connection_limit: Annotated[int, Field(ge=1)] | None = None
    """How many connections to PostgreSQL all workers together may open, pools and overflow. It is used if there are no
    metrics of the pool."""
    grace_seconds: Annotated[float, Field(ge=0, le=60)] = 0.0
    """For how long after the end of an exam an answer is still accepted."""
    refresh_leeway_seconds: Annotated[float, Field(ge=0, le=60)] = 0.0
    """For how long after its use a refresh token still works."""
    earliest_submit_seconds: Annotated[float, Field(ge=0, le=60)] = 0.0
    """For how long after the start of an exam the platform refuses its submit."""

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        kept = self.kept_names
        own = (*kept, ADDRESS)
        mistakes = [
            mistake
            for name, operation in self.named_operations().items()
            for mistake in (*mistakes_in_operation(name, operation, own), *mistakes_in_keeps(name, operation))
        ]
        mistakes += unknown_placeholders(("headers",), self.headers, own)
        mistakes += unknown_placeholders(("token_header",), self.token_header, (TOKEN, *own))
        if "questions" not in {*self.create.finds, *self.read.finds}:
            words = "is missing, and in create.finds too; one of them has to find the questions"
            mistakes.append((("read", "finds", "questions"), words))
        if mistakes:
            raise several_mistakes(mistakes)
        return self

    def named_operations(self) -> dict[str, Operation]:
        """The operations that the platform has, by their names."""
        return {name: operation for name in VOCABULARY if (operation := getattr(self, name)) is not None}

    @property
    def takes_keys(self) -> bool:
        """Whether the start of an exam carries an idempotency key, in a header or in the request itself."""
        return self.idempotency_header is not None or self.create.sends(KEY)

    @property
    def kept_names(self) -> tuple[str, ...]:
        """The names of the values that operations keep."""
        return tuple(dict.fromkeys(name for operation in self.named_operations().values() for name in operation.keeps))

    @property
    def sends_person_values(self) -> bool:
        """Whether a request may hold a person's address or a value that was kept."""
        return bool(self.kept_names) or f"{{{ADDRESS}}}" in self.model_dump_json(exclude_defaults=True)

    def token_line(self, token: str, values: Values) -> tuple[str, str]:
        """Name and value of the header that carries the token."""
        name, _, value = self.token_header.partition(":")
        return name, str(fill(value.strip(), {**values, TOKEN: token}))

    def lacking(self, *operations: str) -> str | None:
        """Which of these operations the contract does not have, in words; None if it has them all."""
        missing = [name for name in operations if getattr(self, name) is None]
        return f"the contract has no operation {', '.join(f'`{name}`' for name in missing)}" if missing else None

    @property
    def ready_or_health(self) -> Operation:
        """The cheapest operation that anybody may call: readiness, else health, else the root of the API."""
        return self.ready or self.health or ROOT

    @property
    def health_or_ready(self) -> Operation:
        """The cheapest operation that checks only the worker: health, else readiness, else the root of the API."""
        return self.health or self.ready_or_health

    @property
    def worker_naming(self) -> Operation:
        """The operation whose replies may name their worker: the one of exam mode, else readiness or health."""
        return self.exam_mode or self.ready_or_health
