"""The contract: all API operations of one platform."""

import re
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator

from pytest_examday.contract.operation import HeaderName, Operation
from pytest_examday.contract.patterns import HEADER_NAME, Pattern
from pytest_examday.contract.search import checked, search
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
from pytest_examday.record import Record, several

_TOKEN_LINE = re.compile(rf"{HEADER_NAME}:[^\r\n]*\{{token\}}[^\r\n]*")


class Guard(Record):
    """A heavy operation that exam mode must refuse (seed 001, "Protected Operations").

    `refused` lists the HTTP statuses of a refusal. `refused_when` is a JMESPath over the body that is true only for the
    refusal by exam mode, and false for others such as a missing permission. `effects` names the tables to which the
    operation writes when it is not refused; where it names none, every table of the platform is looked at.
    """

    name: str
    operation: Operation
    refused: tuple[int, ...] = (403, 409, 423)
    refused_when: Annotated[str, AfterValidator(checked)] | None = None
    effects: tuple[str, ...] = ()

    def refuses(self, status: int | None, body: Any) -> bool:
        """Whether the answer is the refusal by exam mode."""
        if status not in self.refused:
            return False
        return self.refused_when is None or bool(search(self.refused_when, body))


class Job(Record):
    """A background job that must exit with status 0 in exam mode and print what the regular expression `skipped` finds.

    `effects` names the tables to which the job writes when it is not skipped, as those of a guard.
    """

    name: str
    skipped: Pattern
    effects: tuple[str, ...] = ()


class RateLimit(Record):
    """A call that the platform limits: of `burst` calls in a row, at least one is answered with the status `limited`.

    Seed 002 expects that the limit does not apply while Redis is away. `{nonce}` in the operation is different for each
    probe, so that probes do not share one limit.
    """

    operation: Operation
    burst: int = Field(ge=2, le=10_000)
    limited: int = 429


class Metrics(Record):
    """The names of metrics, in Prometheus text format, that tell the state of the database pool and of the Redis
    client. `memory` has one value for each worker: its resident memory in bytes; None: the platform does not tell it.
    """

    operation: Operation
    pool_in_use_peak: str
    pool_limit: str
    pool_size: str
    pool_in_use: str
    pool_max: str
    redis_errors: str
    redis_reconnects: str
    memory: str | None = None


ROOT = Operation(method="GET", path="/", auth="none", success=tuple(range(200, 500)))


"""The operation that every API has: it answers, whatever it says."""


def checked_token_header(line: str) -> str:
    """The line itself. Raises ValueError where it is no header with `{token}` in its value."""
    if not _TOKEN_LINE.fullmatch(line):
        raise ValueError(f"{line!r} must be a header whose value holds {{{TOKEN}}}, such as 'Cookie: sid={{{TOKEN}}}'")
    return line


class Contract(Record):
    """All that the rehearsal needs to know to use the API of one platform.

    `headers` are sent with every request; `token_header` is the line of the header that carries a person's token, or
    its session cookie. Both may hold `{address}`, an address that each person has for itself, for a platform that
    trusts a header such as `X-Forwarded-For`, and the names that operations keep. `before_login` and `after_login` are
    pages that a person opens around the login, for what they keep. `sign_up` makes an account; where there is one
    already, the refusal is one of `stored_already`.

    `worker_header` is the header in which every answer names the worker that gave it. A platform takes idempotency keys
    in the header `idempotency_header` or as `{key}` in the request itself; else it takes none. `records` names the
    tables in which the platform notes calls that it refused and jobs that it skipped; rows in them are no effect. An
    operation that is None does not exist; what rests on it is no part of a rehearsal, and the report names it.
    `connection_limit` is how many connections to PostgreSQL all workers together may open, pools and overflow; it
    stands in for metrics of the pool. `grace_seconds` is for how long after the end of an exam an answer is still
    taken.
    """

    SOURCE_KEYS: ClassVar[tuple[str, ...]] = ("endpoint",)

    name: str
    request_id_header: str = "X-Request-ID"
    headers: dict[HeaderName, str] = Field(default_factory=dict)
    token_header: Annotated[str, AfterValidator(checked_token_header)] = "Authorization: Bearer {token}"  # noqa: S105 # a template
    worker_header: str | None = None
    idempotency_header: str | None = None
    health: Operation | None = None
    ready: Operation | None = None
    sign_up: Operation | None = None
    before_login: Operation | None = None
    login: Operation | None = None
    after_login: Operation | None = None
    refresh: Operation | None = None
    logout: Operation | None = None
    create: Operation
    create_short: Operation | None = None
    read: Operation
    answer: Operation
    submit: Operation
    review: Operation | None = None
    exam_mode: Operation | None = None
    exam_mode_variable: str | None = None
    guards: tuple[Guard, ...] = ()
    allowed: dict[str, Operation] = Field(default_factory=dict)
    jobs: tuple[Job, ...] = ()
    records: tuple[str, ...] = ()
    rate_limit: RateLimit | None = None
    metrics: Metrics | None = None
    connection_limit: Annotated[int, Field(ge=1)] | None = None
    grace_seconds: Annotated[float, Field(ge=0, le=60)] = 0.0

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        kept = self.kept_names
        own = (*kept, ADDRESS)
        told = [
            mistake
            for name, operation in self.named_operations().items()
            for mistake in (*mistakes_in_operation(name, operation, own), *mistakes_in_keeps(name, operation))
        ]
        told += unknown_placeholders(("headers",), self.headers, own)
        told += unknown_placeholders(("token_header",), self.token_header, (TOKEN, *own))
        if "questions" not in {*self.create.finds, *self.read.finds}:
            words = "is missing, and in create.finds too; one of them has to tell the questions"
            told.append((("read", "finds", "questions"), words))
        if told:
            raise several(told)
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
        return tuple(dict.fromkeys(name for one in self.named_operations().values() for name in one.keeps))

    @property
    def sends_person_values(self) -> bool:
        """Whether a request may hold a person's address or a value that was kept."""
        return bool(self.kept_names) or f"{{{ADDRESS}}}" in self.model_dump_json(exclude_defaults=True)

    def token_line(self, token: str, values: Values) -> tuple[str, str]:
        """Name and value of the header that carries the token."""
        name, _, value = self.token_header.partition(":")
        return name, str(fill(value.strip(), {**values, TOKEN: token}))

    def lacking(self, *operations: str) -> str | None:
        """Which of these operations the contract does not have, in words; None where it has them all."""
        missing = [name for name in operations if getattr(self, name) is None]
        return f"the contract has no operation {', '.join(f'`{name}`' for name in missing)}" if missing else None

    @property
    def ready_or_health(self) -> Operation:
        """The cheapest operation that anybody may call: readiness, else health, else the root of the API, of which any
        answer will do."""
        return self.ready or self.health or ROOT

    @property
    def health_or_ready(self) -> Operation:
        """The cheapest operation that asks after a worker itself: health, else readiness, else the root of the API."""
        return self.health or self.ready_or_health

    @property
    def worker_naming(self) -> Operation:
        """The operation whose answers may name their worker."""
        return self.exam_mode or self.ready_or_health
