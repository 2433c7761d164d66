"""Finds the secrets in requests and replies: passwords, tokens, and values of a reply that are sent again."""

from collections.abc import Iterator
from typing import Any

from pytest_examday.contract.operation import Operation
from pytest_examday.contract.templates import Values
from pytest_examday.contract.vocabulary import ADDRESS

_SENT = ("password", "refresh_token")
"""Names of the values of an operation that are secrets."""
_RECEIVED = ("access_token", "refresh_token")
"""Names of the values of a reply that are secrets."""
_SHORTEST = 6
"""The fewest characters of a kept value that may be a secret; a shorter one may be an ordinary word."""


def sent_secrets(values: Values, own: Values, token: str | None) -> Iterator[str]:
    """The secrets of a request with these values: `own` are those that the person sends in each request."""
    if token:
        yield token
    yield from (value for name in _SENT if isinstance(value := values.get(name), str) and value)
    yield from _kept({name: value for name, value in own.items() if name != ADDRESS})


def received_secrets(operation: Operation, body: Any) -> Iterator[str]:
    """The secrets of a reply: its tokens, and the values that are kept unless the operation also finds them as
    something else, such as the id of a session."""
    values = {name: operation.find(name, body) for name in operation.finds}
    yield from (value for name in _RECEIVED if isinstance(value := values.get(name), str) and value)
    found_otherwise = [value for name, value in values.items() if name not in _RECEIVED]
    yield from (value for value in _kept(operation.kept_in(body)) if value not in found_otherwise)


def _kept(values: Values) -> Iterator[str]:
    """The kept values that may be secrets. A number is none: hiding it would damage figures."""
    for value in values.values():
        if isinstance(value, str) and len(value) >= _SHORTEST and not value.isdigit():
            yield value
