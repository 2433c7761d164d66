"""The endpoint: a platform with JSON-RPC or GraphQL has one path to which all calls go."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, JsonValue

from pytest_examday.contract.operation import USUAL_SUCCESS
from pytest_examday.contract.reply_search import checked
from pytest_examday.contract.sent_headers import HeaderName, HeaderValue
from pytest_examday.record import Record


class Endpoint(Record):
    """The keys that the operations without method and path share.

    `body` holds the keys that every call has, such as `jsonrpc`; an operation adds its own. An operation that gives
    `headers`, `success` or `success_when` uses its own in place of these.
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    body: dict[str, JsonValue] = Field(default_factory=dict)
    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict)
    success: tuple[int, ...] = USUAL_SUCCESS
    success_when: Annotated[str, AfterValidator(checked)] | None = None
