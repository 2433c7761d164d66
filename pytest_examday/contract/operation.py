"""One API operation of a platform: method, path, body, success, and where its reply holds values."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, JsonValue, field_validator, model_validator

from pytest_examday.contract.headers_and_cookies import names_header_or_cookie
from pytest_examday.contract.multipart import Parts, multipart_body
from pytest_examday.contract.reply_search import checked, search
from pytest_examday.contract.sent_headers import HeaderName, HeaderValue
from pytest_examday.contract.templates import Values, fill, form_fields, in_a_form
from pytest_examday.contract.vocabulary import placeholders_in
from pytest_examday.contract.web_page import checked_page
from pytest_examday.record import DESCRIBED_FIELDS, Record
from pytest_examday.several_mistakes import several_mistakes

USUAL_SUCCESS = (200, 201, 204)
"""The HTTP statuses that say that the work is done. 202 says that it was accepted and may still fail (RFC 9110)."""

TRY_AGAIN = frozenset({408, 425, 429})

"""HTTP statuses of refusals after which a client sends the same request again, as it does after a server error."""


class Operation(Record):
    """One call to the platform, and how its reply is read. A request carries `body`, `form` or `multipart`, or
    none."""

    model_config = DESCRIBED_FIELDS

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    body: JsonValue = None
    """Sent as JSON."""
    form: dict[str, str] | None = None
    """Sent as the fields of a page's form."""
    multipart: Parts | None = None
    """Sent as the parts of a form with files."""
    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict)
    """Sent in addition to the headers of the contract."""
    auth: Literal["none", "candidate", "admin"] = "candidate"
    success: tuple[int, ...] = USUAL_SUCCESS
    """The HTTP statuses of an accepted call."""
    success_when: str | None = None
    """A JMESPath over the JSON body that must be true as well: readiness may reply HTTP 200 with `"status":
    "down"`."""
    finds: dict[str, str] = Field(default_factory=dict)
    """Name that the rehearsal uses -> place of the value in the reply: a JMESPath in its body, a header
    (`header:Location ~ /exams/(\\d+)`) or a cookie (`cookie:sid`)."""
    page: Annotated[dict[str, JsonValue], AfterValidator(checked_page)] | None = None
    """The document that a web page holds (`contract.page`), if the reply is one."""
    keeps: dict[str, str] = Field(default_factory=dict)
    """Name -> place of a value that the same person sends in its later requests as `{name}`: a CSRF token."""
    stored_already: tuple[int, ...] = ()
    """The statuses with which a platform refuses a write that it has stored already. A client that got no reply sends
    the write again and may get one of them."""
    stored_already_when: str | None = None
    """A JMESPath over the body of such a refusal that must be true as well."""

    @model_validator(mode="after")
    def _sends_one_of_them(self) -> Self:
        bodies = [f"a {name}" for name in ("body", "form", "multipart") if getattr(self, name) is not None]
        if len(bodies) > 1:
            raise ValueError(f"has {' and '.join(bodies)}; a request carries one of them")
        return self

    @field_validator("success_when", "finds", "keeps", "stored_already_when")
    @classmethod
    def _paths_compile(cls, value: str | dict[str, str] | None) -> str | dict[str, str] | None:
        mistakes = []
        for name, expression in value.items() if isinstance(value, dict) else (("", value or "@"),):
            try:
                checked(expression)
            except ValueError as problem:
                mistakes.append(((name,) if name else (), str(problem)))
        if mistakes:
            raise several_mistakes(mistakes)
        return value

    def path_for(self, values: Values) -> str:
        """The path with its placeholders filled."""
        return str(fill(self.path, values))

    def body_for(self, values: Values) -> Any:
        """The JSON body with its placeholders filled; None if the call has no body."""
        return fill(self.body, values)

    def form_for(self, values: Values) -> dict[str, str] | None:
        """The fields of the form, filled; None if the call has none."""
        return None if self.form is None else form_fields(self.form, values)

    def multipart_for(self, values: Values) -> bytes | None:
        """The body with the parts, filled; None if the call has none."""
        if self.multipart is None:
            return None
        return multipart_body(self.multipart, lambda template: in_a_form(template, values))

    def sends(self, name: str) -> bool:
        """Whether a request holds the value of this name."""
        sent = (self.path, self.body, self.form, self.multipart, self.headers)
        return any(name in placeholders_in(template) for template in sent)

    @property
    def reads_headers(self) -> bool:
        """Whether headers or cookies of the reply are read."""
        conditions = filter(None, (self.success_when, self.stored_already_when))
        return any(map(names_header_or_cookie, (*self.finds.values(), *self.keeps.values(), *conditions)))

    def kept_in(self, body: Any) -> Values:
        """The values of the reply that are sent in later requests; a value that the reply does not hold is left out."""
        values = {name: search(expression, body) for name, expression in self.keeps.items()}
        return {name: value for name, value in values.items() if value is not None}

    def accepted(self, status: int, body: Any) -> bool:
        """Whether a reply with this status and body is a success."""
        if status not in self.success:
            return False
        return self.success_when is None or bool(search(self.success_when, body))

    def has_stored(self, status: int | None, body: Any) -> bool:
        """Whether a reply with this status and body refuses a write that is stored already."""
        if status not in self.stored_already:
            return False
        return self.stored_already_when is None or bool(search(self.stored_already_when, body))

    def find(self, name: str, body: Any) -> Any:
        """The value in the reply to which `finds` gives this name; None if it is absent."""
        expression = self.finds.get(name)
        return None if expression is None else search(expression, body)
