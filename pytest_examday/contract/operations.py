"""The contract: per operation its method, path, body, success and where to find things in the answer."""

import re
from typing import Annotated, Any, Literal

from jmespath.exceptions import JMESPathTypeError
from pydantic import AfterValidator, Field, JsonValue, field_validator

from pytest_examday.contract.finder import finder
from pytest_examday.record import Record

_PLACEHOLDER = re.compile(r"\{(\w+)\}")

Values = dict[str, Any]


def search(expression: str, body: Any) -> Any:
    """What the body holds at that place; None as well where a function or a comparison of the expression cannot use
    what is there: `contains(detail, 'exam mode')` holds of no answer without a `detail`."""
    try:
        return finder(expression)(body)
    except (JMESPathTypeError, TypeError):  # jmespath compares a number with a text by Python's own `<`
        return None


def checked(expression: str) -> str:
    """The expression itself; raises ValueError where it is malformed or calls a function that does not exist."""
    search(expression, None)
    return expression


def fill(template: JsonValue, values: Values) -> Any:
    """The template with every `{name}` replaced; a string that is one placeholder keeps the value's type."""
    if isinstance(template, dict):
        return {key: fill(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [fill(value, values) for value in template]
    if not isinstance(template, str):
        return template
    whole = _PLACEHOLDER.fullmatch(template)
    if whole:
        return values[whole.group(1)]
    return _PLACEHOLDER.sub(lambda match: str(values[match.group(1)]), template)


class Operation(Record):
    """One call to the platform and how its answer is understood.

    `success` are the statuses of an accepted call; `success_when` is a JMESPath over the JSON body that must
    be true as well (readiness may be HTTP 200 with `"status": "down"`); `finds` maps a name that the
    rehearsal uses to the JMESPath where this platform keeps it.
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
        """The JSON body with its placeholders filled, None where the call has no body."""
        return fill(self.body, values)

    def accepted(self, status: int, body: Any) -> bool:
        """Whether an answer with this status and JSON body means that the platform did what was asked."""
        if status not in self.success:
            return False
        return self.success_when is None or bool(search(self.success_when, body))

    def find(self, name: str, body: Any) -> Any:
        """What the answer holds under the rehearsal's own name, None where it is absent."""
        expression = self.finds.get(name)
        return None if expression is None else search(expression, body)


class Guard(Record):
    """A heavy operation that exam mode must refuse (seed 001, "Protected Operations").

    `refused_when` is a JMESPath over the body that tells exam mode's refusal from any other, a missing
    permission for instance.
    """

    name: str
    operation: Operation
    refused: tuple[int, ...] = (403, 409, 423)
    refused_when: Annotated[str, AfterValidator(checked)] | None = None

    def refuses(self, status: int | None, body: Any) -> bool:
        """Whether the answer is exam mode's refusal."""
        if status not in self.refused:
            return False
        return self.refused_when is None or bool(search(self.refused_when, body))


class Job(Record):
    """A background job that exam mode must skip with exit status 0; `skipped` is searched in its output."""

    name: str
    skipped: str


class RateLimit(Record):
    """A call that the platform limits: after `burst` calls in a row at least one answers with `limited`.

    Seed 002 expects the limit to be bypassed while Redis is away; `{nonce}` keeps one probe's allowance
    from the next one's.
    """

    operation: Operation
    burst: int = Field(ge=2)
    limited: int = 429


class Metrics(Record):
    """Where the platform tells the state of its database pool and Redis client, in Prometheus text."""

    operation: Operation
    pool_in_use_peak: str
    pool_limit: str
    pool_size: str
    pool_in_use: str
    pool_max: str
    redis_errors: str
    redis_reconnects: str


class Contract(Record):
    """Everything that the rehearsal needs to know to speak to one platform."""

    name: str
    request_id_header: str = "X-Request-ID"
    idempotency_header: str | None = "Idempotency-Key"
    health: Operation
    ready: Operation
    login: Operation
    refresh: Operation
    logout: Operation
    create: Operation
    read: Operation
    answer: Operation
    submit: Operation
    review: Operation
    exam_mode: Operation
    exam_mode_variable: str | None = None
    guards: tuple[Guard, ...]
    allowed: dict[str, Operation] = Field(default_factory=dict)
    jobs: tuple[Job, ...] = ()
    rate_limit: RateLimit | None = None
    metrics: Metrics | None = None
