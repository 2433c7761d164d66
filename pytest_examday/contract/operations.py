"""The contract: the API operations of a platform, with method, path, body, success and the places of values in the
answer."""

from typing import Annotated, Any, Literal, Self

from jmespath.exceptions import JMESPathTypeError
from pydantic import AfterValidator, Field, JsonValue, field_validator, model_validator

from pytest_examday.contract.finder import finder
from pytest_examday.contract.vocabulary import PLACEHOLDER, VOCABULARY, mistakes_in
from pytest_examday.record import Record

TRY_AGAIN = frozenset({408, 425, 429})
"""Refusals (HTTP status) after which a client sends the same request once more, as it does after a server error."""

Values = dict[str, Any]


def search(expression: str, body: Any) -> Any:
    """The value that the JMESPath expression finds in the body; None where there is none.

    None too where a function or comparison cannot use the value there: `contains(detail, 'exam mode')` is false for an
    answer without `detail`.
    """
    try:
        return finder(expression)(body)
    except (JMESPathTypeError, TypeError):  # jmespath compares a number with a text by Python's own `<`
        return None


def checked(expression: str) -> str:
    """The expression itself. Raises ValueError where it is malformed or calls an unknown function."""
    search(expression, None)
    return expression


def fill(template: JsonValue, values: Values) -> Any:
    """The template with every `{name}` replaced; a text that is one placeholder becomes the value with its own type."""
    if isinstance(template, dict):
        return {key: fill(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [fill(value, values) for value in template]
    if not isinstance(template, str):
        return template
    whole = PLACEHOLDER.fullmatch(template)
    if whole:
        return values[whole.group(1)]
    return PLACEHOLDER.sub(lambda match: str(values[match.group(1)]), template)


class Operation(Record):
    """One call to the platform, and how its answer is read.

    `success` lists the HTTP statuses of an accepted call. `success_when` is a JMESPath over the JSON body that must be
    true as well: readiness may answer HTTP 200 with `"status": "down"`. `finds` maps names that the rehearsal uses to
    the JMESPath of the value in this platform's answer.
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    body: JsonValue = None
    auth: Literal["none", "candidate", "admin"] = "candidate"
    success: tuple[int, ...] = (200,)
    success_when: str | None = None
    finds: dict[str, str] = Field(default_factory=dict)

    @field_validator("success_when", "finds")
    @classmethod
    def _paths_compile(cls, value: str | dict[str, str] | None) -> str | dict[str, str] | None:
        for expression in value.values() if isinstance(value, dict) else filter(None, (value,)):
            checked(expression)
        return value

    def path_for(self, values: Values) -> str:
        """The path with its placeholders filled."""
        return str(fill(self.path, values))

    def body_for(self, values: Values) -> Any:
        """The JSON body with its placeholders filled; None where the call has no body."""
        return fill(self.body, values)

    def accepted(self, status: int, body: Any) -> bool:
        """Whether an answer with this status and JSON body is a success."""
        if status not in self.success:
            return False
        return self.success_when is None or bool(search(self.success_when, body))

    def find(self, name: str, body: Any) -> Any:
        """The value of the answer that `finds` gives this name; None where it is absent."""
        expression = self.finds.get(name)
        return None if expression is None else search(expression, body)


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
    skipped: str
    effects: tuple[str, ...] = ()


class RateLimit(Record):
    """A call that the platform limits: of `burst` calls in a row, at least one is answered with the status `limited`.

    Seed 002 expects that the limit does not apply while Redis is away. `{nonce}` in the operation is different for each
    probe, so that probes do not share one limit.
    """

    operation: Operation
    burst: int = Field(ge=2)
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


class Contract(Record):
    """All that the rehearsal needs to know to use the API of one platform.

    `worker_header` is the header in which every answer names the worker that gave it. A platform without
    `idempotency_header` takes no keys. `records` names the tables in which the platform notes calls that it refused and
    jobs that it skipped; rows in them are no effect. An operation that is None does not exist; what rests on it is no
    part of a rehearsal, and the report names it. `connection_limit` is how many connections to PostgreSQL all workers
    together may open, pools and overflow; it stands in for metrics of the pool. `grace_seconds` is for how long after
    the end of an exam an answer is still taken.
    """

    name: str
    request_id_header: str = "X-Request-ID"
    worker_header: str | None = None
    idempotency_header: str | None = None
    health: Operation | None = None
    ready: Operation | None = None
    login: Operation
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
        told = [
            mistake
            for name in VOCABULARY
            if (operation := getattr(self, name)) is not None
            for mistake in mistakes_in(name, operation)
        ]
        if "questions" not in {*self.create.finds, *self.read.finds}:
            told.append("read.finds.questions: missing, and in create.finds too; one of them has to tell the questions")
        if told:
            raise ValueError("; ".join(told))
        return self

    def lacking(self, *operations: str) -> str | None:
        """Which of these operations the contract does not have, in words; None where it has them all."""
        missing = [name for name in operations if getattr(self, name) is None]
        return f"the contract has no operation {', '.join(f'`{name}`' for name in missing)}" if missing else None

    @property
    def sign_of_life(self) -> Operation:
        """The cheapest operation that anybody may call: readiness, else health, else the root of the API, of which any
        answer will do."""
        return self.ready or self.health or ROOT

    @property
    def heartbeat(self) -> Operation:
        """The cheapest operation that asks after a worker itself: health, else readiness, else the root of the API."""
        return self.health or self.sign_of_life

    @property
    def naming(self) -> Operation:
        """The operation whose answers may name their worker."""
        return self.exam_mode or self.sign_of_life
