"""An operation of the contract as prepared bytes with gaps, so that each request only has to fill in its own values.

The result has the same bytes as filling the operation, quoting its path and encoding its body for each request would
give; it takes a fraction of the time.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from pydantic import JsonValue

from pytest_examday.contract.multipart import CONTENT_TYPE, Part, multipart_body
from pytest_examday.contract.operation import Operation
from pytest_examday.contract.templates import Values, fill, form_fields, in_a_form
from pytest_examday.contract.vocabulary import PLACEHOLDER
from pytest_examday.load.request import (
    Origin,
    Unsendable,
    header_line,
    target,
)

_ALWAYS = "Accept: */*\r\nAccept-Encoding: identity\r\nUser-Agent: pytest-examday\r\n"
_WITH_LENGTH = frozenset({"POST", "PUT", "PATCH"})
_SAFE = re.compile(r"[0-9A-Za-z._~-]*")
"""Characters that are never quoted in a path."""
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_PLAIN = frozenset({str, int, bool, type(None)})
"""Types that the faster encoder writes as the standard one does. It writes NaN as null, so floats are not among
them."""
_encode_plain = msgspec.json.Encoder().encode


def as_json(value: Any) -> bytes:
    """The value as JSON in UTF-8; raises ValueError for NaN and for half of a surrogate pair, which JSON cannot
    hold."""
    return _JSON.encode(value).encode()


class PathTemplate:
    """The request target of an operation."""

    __slots__ = ("_form", "_names", "_path", "_prefix")

    def __init__(self, prefix: str, path: str) -> None:
        self._prefix = prefix
        self._path = path
        self._names = tuple(PLACEHOLDER.findall(path))
        self._form = _path_form(prefix, path)

    def fill(self, values: Values) -> str:
        """The target with these values; raises Unsendable if one of them holds a line break."""
        if self._form is None:
            return target(self._prefix, str(fill(self._path, values)))
        texts = []
        for name in self._names:
            text = str(values[name])
            if not _SAFE.fullmatch(text):
                return target(self._prefix, str(fill(self._path, values)))
            texts.append(text)
        return self._form % tuple(texts)


def _path_form(prefix: str, path: str) -> str | None:
    """The path with quoted text and `%s` for each placeholder; None if the quoting depends on the values."""
    if not path.startswith("/") or "%" in prefix + path:
        return None
    first, *rest = PLACEHOLDER.split(path)[::2]
    return "%s".join(_literal(part) for part in (target(prefix, first), *(_quoted(part) for part in rest)))


def _quoted(part: str) -> str:
    return target("", f"/{part}")[1:]


def _literal(part: str) -> str:
    return part.replace("%", "%%")


class BodyTemplate:
    """The JSON body of an operation. A string that consists of one placeholder becomes the value with its type."""

    __slots__ = ("_form", "_holes")

    def __init__(self, body: JsonValue) -> None:
        pieces = list(_pieces(body))
        self._holes = tuple(_hole(piece) for piece in pieces if isinstance(piece, str))
        self._form = b"".join(b"%b" if isinstance(piece, str) else piece.replace(b"%", b"%%") for piece in pieces)

    def fill(self, values: Values) -> bytes:
        """The body with these values; raises ValueError if JSON cannot hold one of them."""
        filled = []
        for hole, whole in self._holes:
            value = values[hole] if whole else fill(hole, values)
            filled.append(_encode_plain(value) if type(value) in _PLAIN else as_json(value))
        return self._form % tuple(filled)


class FormTemplate:
    """The form of an operation, as a browser sends it."""

    __slots__ = ("_form",)

    def __init__(self, form: dict[str, str]) -> None:
        self._form = form

    def fill(self, values: Values) -> bytes:
        """The body with these values; raises ValueError if UTF-8 cannot hold one of them."""
        return urlencode(form_fields(self._form, values)).encode()


class MultipartTemplate:
    """The parts of an operation, as a page sends a form with files."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self._parts = parts

    def fill(self, values: Values) -> bytes:
        """The body with these values; raises ValueError if UTF-8 cannot hold one of them."""
        return multipart_body(self._parts, lambda template: in_a_form(template, values))


def _pieces(body: JsonValue) -> Iterator[bytes | str]:
    """The body as JSON in pieces: bytes for fixed text, and a string for each JSON string that has placeholders."""
    if isinstance(body, dict):
        yield from _between(b"{", [(as_json(str(key)) + b":", value) for key, value in body.items()], b"}")
    elif isinstance(body, list):
        yield from _between(b"[", [(b"", value) for value in body], b"]")
    elif isinstance(body, str) and PLACEHOLDER.search(body):
        yield body
    else:
        yield as_json(body)


def _between(begin: bytes, entries: list[tuple[bytes, JsonValue]], end: bytes) -> Iterator[bytes | str]:
    yield begin
    for number, (key, value) in enumerate(entries):
        yield (b"," if number else b"") + key
        yield from _pieces(value)
    yield end


def _hole(text: str) -> tuple[str, bool]:
    whole = PLACEHOLDER.fullmatch(text)
    return (whole[1], True) if whole else (text, False)


class HeaderTemplates:
    """Headers of the contract and of an operation. Those without placeholders are made once."""

    __slots__ = ("_fixed", "_open")

    def __init__(self, headers: Mapping[str, str]) -> None:
        fixed = {name: text for name, text in headers.items() if not PLACEHOLDER.search(text)}
        self._fixed = "".join(f"\r\n{header_line(name, text)}" for name, text in fixed.items())
        self._open = tuple((name, text) for name, text in headers.items() if name not in fixed)

    def fill(self, values: Values) -> str:
        """The lines, each after a line break; raises Unsendable if a value holds what no header may hold."""
        if not self._open:
            return self._fixed
        return self._fixed + "".join(f"\r\n{header_line(name, str(fill(text, values)))}" for name, text in self._open)


class RequestTemplate:
    """One operation as prepared bytes with gaps for values, the request's id, a token and a key."""

    __slots__ = ("_after_path", "_begin", "_body", "_end", "_headers", "_path", "operation")

    def __init__(
        self, origin: Origin, operation: Operation, id_header: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """`headers` are sent with every request of the platform.

        Raises Unsendable if the operation or the name of the id's header can never be sent.
        """
        self.operation = operation
        self._begin = f"{operation.method} "
        self._after_path = f" HTTP/1.1\r\nHost: {origin.authority}\r\n{_ALWAYS}{header_line(id_header, '')}"
        self._path = PathTemplate(origin.prefix, operation.path)
        self._headers = HeaderTemplates({**(headers or {}), **operation.headers})
        self._body: BodyTemplate | FormTemplate | MultipartTemplate | None = None
        self._end = "\r\n"
        try:
            if operation.body is not None:
                self._body = BodyTemplate(operation.body)
                self._end = "\r\nContent-Type: application/json\r\nContent-Length: "
        except ValueError as problem:
            raise Unsendable(str(problem)) from problem
        if operation.form is not None:
            self._body = FormTemplate(operation.form)
            self._end = "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "
        if operation.multipart is not None:
            self._body = MultipartTemplate(operation.multipart)
            self._end = f"\r\nContent-Type: {CONTENT_TYPE}\r\nContent-Length: "
        if self._body is None and operation.method in _WITH_LENGTH:
            self._end = "\r\nContent-Length: 0\r\n"

    def fill(self, values: Values, request_id: str, headers: str = "") -> bytes:
        """The bytes of the request. `headers` are further header lines, each after a line break.

        Raises Unsendable if a value cannot be sent, KeyError if one is missing.
        """
        try:
            begin = f"{self._begin}{self._path.fill(values)}{self._after_path}{request_id}"
            head = f"{begin}{self._headers.fill(values)}{headers}{self._end}"
            if self._body is None:
                return f"{head}\r\n".encode("latin-1")
            content = self._body.fill(values)
            return f"{head}{len(content)}\r\n\r\n".encode("latin-1") + content
        except ValueError as problem:  # what has no UTF-8, no Latin-1 or no JSON
            raise Unsendable(str(problem)) from problem
