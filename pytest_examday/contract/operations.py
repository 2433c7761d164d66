"""The contract: the API operations of a platform, with method, path, body, success and the places of values in the
answer."""

import re
from typing import Annotated, Any, ClassVar, Literal, Self

from jmespath.exceptions import JMESPathError, JMESPathTypeError
from pydantic import AfterValidator, Field, JsonValue, field_validator, model_validator

from pytest_examday.contract.beside_body import Received, finder_beside, is_beside
from pytest_examday.contract.finder import finder
from pytest_examday.contract.multipart import Parts, multipart_body
from pytest_examday.contract.page import checked_page
from pytest_examday.contract.patterns import HEADER_NAME, Pattern
from pytest_examday.contract.vocabulary import (
    ADDRESS,
    KEY,
    PLACEHOLDER,
    TOKEN,
    VOCABULARY,
    mistakes_in,
    mistakes_in_kept,
    placeholders_in,
    unknown_placeholders,
)
from pytest_examday.record import Record, several

TRY_AGAIN = frozenset({408, 425, 429})
"""Refusals (HTTP status) after which a client sends the same request once more, as it does after a server error."""

Values = dict[str, Any]
_TOKEN_LINE = re.compile(rf"{HEADER_NAME}:[^\r\n]*\{{token\}}[^\r\n]*")


def search(expression: str, body: Any) -> Any:
    """The value that the expression finds in an answer; None where there is none.

    The expression is a JMESPath in the body, or names a header or a cookie, which only a `Received` has. None too where
    a function or comparison cannot use the value there: `contains(detail, 'exam mode')` is false for an answer without
    `detail`.
    """
    if is_beside(expression):
        return finder_beside(expression)(body) if isinstance(body, Received) else None
    if isinstance(body, Received):
        body = body.body
    try:
        return finder(expression)(body)
    except (JMESPathTypeError, TypeError):  # jmespath compares a number with a text by Python's own `<`
        return None


def checked(expression: str) -> str:
    """The expression itself. Raises ValueError where it is malformed or calls an unknown function."""
    try:
        if is_beside(expression):
            finder_beside(expression)
        search(expression, None)
    except JMESPathError as problem:
        raise ValueError(f"is no JMESPath expression: {' '.join(str(problem).split())}") from None
    except RecursionError:
        raise ValueError("is a JMESPath expression that is nested too deeply") from None
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


def form_fields(form: dict[str, str], values: Values) -> dict[str, str]:
    """The fields of a form as a browser sends them: a box that is ticked is `true`, a value that is None is left
    out."""
    filled = ((name, in_a_form(template, values)) for name, template in form.items())
    return {name: value for name, value in filled if value is not None}


def in_a_form(template: str, values: Values) -> str | None:
    """The template filled as a field of a form; None where its value is None."""
    value = fill(template, values)
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


HeaderName = Annotated[str, Field(pattern=f"^{HEADER_NAME}$")]


class Operation(Record):
    """One call to the platform, and how its answer is read.

    What is sent is `body`, as JSON, or the fields of `form`, as a page's form, or the parts of `multipart`, as a form
    with files; and `headers`, beside those of the contract. `success` lists the HTTP statuses of an accepted call.
    `success_when` is a JMESPath over the JSON body that must be true as well: readiness may answer HTTP 200 with
    `"status": "down"`. `finds` maps names that the rehearsal uses to the place of the value in this platform's answer:
    the JMESPath in its body, a header (`header:Location ~ /exams/(\\d+)`) or a cookie (`cookie:sid`). Where the answer
    is a web page, `page` says what document it holds (`contract.page`). `keeps` finds values that the same person sends
    in its later requests, as `{name}`: a CSRF token. `stored_already` lists the statuses by which a platform refuses a
    write that it has stored already, when a client that got no answer sends it again; where `stored_already_when` is
    given, that has to be true as well.
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    body: JsonValue = None
    form: dict[str, str] | None = None
    multipart: Parts | None = None
    headers: dict[HeaderName, str] = Field(default_factory=dict)
    auth: Literal["none", "candidate", "admin"] = "candidate"
    success: tuple[int, ...] = (200,)
    success_when: str | None = None
    finds: dict[str, str] = Field(default_factory=dict)
    page: Annotated[dict[str, JsonValue], AfterValidator(checked_page)] | None = None
    keeps: dict[str, str] = Field(default_factory=dict)
    stored_already: tuple[int, ...] = ()
    stored_already_when: str | None = None

    @model_validator(mode="after")
    def _sends_one_of_them(self) -> Self:
        given = [f"a {name}" for name in ("body", "form", "multipart") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"has {' and '.join(given)}; a request carries one of them")
        return self

    @field_validator("success_when", "finds", "keeps", "stored_already_when")
    @classmethod
    def _paths_compile(cls, value: str | dict[str, str] | None) -> str | dict[str, str] | None:
        told = []
        for name, expression in value.items() if isinstance(value, dict) else (("", value or "@"),):
            try:
                checked(expression)
            except ValueError as problem:
                told.append(((name,) if name else (), str(problem)))
        if told:
            raise several(told)
        return value

    def path_for(self, values: Values) -> str:
        """The path with its placeholders filled."""
        return str(fill(self.path, values))

    def body_for(self, values: Values) -> Any:
        """The JSON body with its placeholders filled; None where the call has no body."""
        return fill(self.body, values)

    def form_for(self, values: Values) -> dict[str, str] | None:
        """The fields of the form, filled; None where the call has none."""
        return None if self.form is None else form_fields(self.form, values)

    def multipart_for(self, values: Values) -> bytes | None:
        """The body with the parts, filled; None where the call has none."""
        if self.multipart is None:
            return None
        return multipart_body(self.multipart, lambda template: in_a_form(template, values))

    def sends(self, name: str) -> bool:
        """Whether a request holds the value of this name."""
        sent = (self.path, self.body, self.form, self.multipart, self.headers)
        return any(name in placeholders_in(template) for template in sent)

    @property
    def hears(self) -> bool:
        """Whether headers or cookies of the answer are read."""
        conditions = filter(None, (self.success_when, self.stored_already_when))
        return any(map(is_beside, (*self.finds.values(), *self.keeps.values(), *conditions)))

    def kept_in(self, body: Any) -> Values:
        """The values of the answer that are sent in later requests; one that the answer does not hold is left out."""
        found = {name: search(expression, body) for name, expression in self.keeps.items()}
        return {name: value for name, value in found.items() if value is not None}

    def accepted(self, status: int, body: Any) -> bool:
        """Whether an answer with this status and body is a success."""
        if status not in self.success:
            return False
        return self.success_when is None or bool(search(self.success_when, body))

    def has_stored(self, status: int | None, body: Any) -> bool:
        """Whether an answer with this status and body refuses a write that is stored already."""
        if status not in self.stored_already:
            return False
        return self.stored_already_when is None or bool(search(self.stored_already_when, body))

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

    WRITTEN_AS: ClassVar[tuple[str, ...]] = ("endpoint",)

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
            for mistake in (*mistakes_in(name, operation, own), *mistakes_in_kept(name, operation))
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
    def sends_own_values(self) -> bool:
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
