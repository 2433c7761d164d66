"""Recognises the operations of an exam in an OpenAPI document, by words in their paths and by what they are sent.

Nothing that is drafted here is more than a guess: the writer marks every line of it, and `check` tries it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pytest_examday.errors import UsageProblem

_METHODS = ("get", "post", "put", "patch", "delete")
_DEEPEST = 6
"""How deep references and schemas are followed; a document may refer to itself."""
_DEEPEST_PROPERTY = 3
"""How deep the properties of a body are read."""
_PARAMETER = re.compile(r"\{[^}]*\}")


Properties = Mapping[str, "Properties"]
"""The properties of a JSON body -> the properties inside each of them, none if it is no object."""


class DescribedOperation(NamedTuple):
    """One operation of the document: `sent` are the properties of its JSON body, `success` its statuses below 300,
    `headers` the names of its header parameters."""

    method: str
    path: str
    words: str
    sent: Properties
    success: tuple[int, ...]
    headers: tuple[str, ...] = ()

    @property
    def parameters(self) -> int:
        """How many path parameters it has."""
        return len(_PARAMETER.findall(self.path))


class RecognisedBy(NamedTuple):
    """How an operation of the contract is recognised: its methods, a word in path or name, how many path parameters it
    has, and words that speak against it."""

    methods: tuple[str, ...]
    words: str
    parameters: tuple[int, ...]
    against: str = r"(?!)"


RECOGNISED_BY: Mapping[str, RecognisedBy] = {
    "login": RecognisedBy(
        ("POST",), r"log-?in|sign-?in|/token\b|auth", (0,), r"refresh|log-?out|sign-?out|register|reset"
    ),
    "refresh": RecognisedBy(("POST",), r"refresh", (0,)),
    "logout": RecognisedBy(("POST", "DELETE"), r"log-?out|sign-?out", (0,)),
    "submit": RecognisedBy(("POST", "PUT", "PATCH"), r"submit|finish|complete|hand-?in", (1,)),
    "review": RecognisedBy(("GET",), r"review|result|score", (1,)),
    "answer": RecognisedBy(("POST", "PUT", "PATCH"), r"answer|response|item", (1, 2), r"submit|finish"),
    "create": RecognisedBy(("POST",), r"exam|session|attempt|sitting", (0, 1), r"submit|answer|finish|admin|auth|log"),
    "read": RecognisedBy(("GET",), r"exam|session|attempt|sitting", (1,), r"review|result|score|answer|admin"),
    "health": RecognisedBy(("GET",), r"health|alive|ping", (0,)),
    "ready": RecognisedBy(("GET",), r"ready|readiness", (0,)),
}
"""In the order of recognition: each operation of the document is used for at most one of them."""


def described(document: Any, where: str) -> tuple[DescribedOperation, ...]:
    """The operations of an OpenAPI document. Raises UsageProblem, one line, if it is not such a document."""
    paths = document.get("paths") if isinstance(document, dict) else None
    if not isinstance(paths, dict):
        raise UsageProblem(f"{where}: no OpenAPI document: it has no object `paths`")
    return tuple(_operations(document, paths))


def recognised(operations: tuple[DescribedOperation, ...]) -> dict[str, DescribedOperation]:
    """Operation of the contract -> the operation of the document that is likely to be it; what is not found is
    missing."""
    found: dict[str, DescribedOperation] = {}
    for name, sought in RECOGNISED_BY.items():
        likely = [operation for operation in operations if operation not in found.values() and _fits(operation, sought)]
        if likely:
            found[name] = min(likely, key=lambda operation: (operation.parameters, len(operation.path)))
    return found


def _fits(operation: DescribedOperation, sought: RecognisedBy) -> bool:
    if operation.method not in sought.methods or operation.parameters not in sought.parameters:
        return False
    return bool(re.search(sought.words, operation.words)) and not re.search(sought.against, operation.words)


def _operations(document: dict[str, Any], paths: dict[str, Any]) -> Iterator[DescribedOperation]:
    for path, methods in paths.items():
        for method in _METHODS:
            operation = methods.get(method) if isinstance(methods, dict) else None
            if isinstance(operation, dict):
                name = operation.get("operationId")
                words = f"{path} {name if isinstance(name, str) else ''}".lower()
                yield DescribedOperation(
                    method.upper(),
                    str(path),
                    words,
                    _sent(document, operation),
                    _success(operation),
                    (*_headers(document, operation), *_headers(document, methods)),
                )


def _headers(document: dict[str, Any], described: dict[str, Any]) -> Iterator[str]:
    """The names of the header parameters of an operation, or of all operations of a path."""
    parameters = described.get("parameters")
    for parameter in parameters if isinstance(parameters, list) else ():
        resolved = _resolved(document, parameter)
        if resolved.get("in") == "header":
            yield str(resolved.get("name"))


def _success(operation: dict[str, Any]) -> tuple[int, ...]:
    answers = operation.get("responses")
    statuses = [str(status) for status in answers] if isinstance(answers, dict) else []
    return tuple(sorted(int(status) for status in statuses if status.isascii() and re.fullmatch(r"2\d\d", status)))


def _sent(document: dict[str, Any], operation: dict[str, Any]) -> Properties:
    """The properties of the JSON body."""
    body = _resolved(document, operation.get("requestBody"))
    content = body.get("content")
    for kind, media in content.items() if isinstance(content, dict) else ():
        if "json" in str(kind) and isinstance(media, dict):
            return _properties(document, media.get("schema"), _DEEPEST_PROPERTY)
    return {}


def _properties(document: dict[str, Any], schema: Any, levels: int) -> Properties:
    """The properties of a schema, and those inside them down to this number of levels."""
    if levels == 0:
        return {}
    return {
        name: _properties(document, inside, levels - 1) for name, inside in _named(document, schema, _DEEPEST).items()
    }


def _named(document: dict[str, Any], schema: Any, depth: int) -> dict[str, Any]:
    """The properties of a schema and of the schemas that it is made of, each with its own schema."""
    described = _resolved(document, schema)
    if depth == 0:
        return {}
    properties = described.get("properties")
    named = {str(name): inside for name, inside in properties.items()} if isinstance(properties, dict) else {}
    for kind in ("allOf", "anyOf", "oneOf"):
        parts = described.get(kind)
        for part in parts if isinstance(parts, list) else ():
            named = {**_named(document, part, depth - 1), **named}
    return named


def _resolved(document: dict[str, Any], value: Any) -> dict[str, Any]:
    """The object, or what its `$ref` leads to inside the document; nothing if it leads nowhere or in a circle."""
    for _ in range(_DEEPEST):
        if not isinstance(value, dict):
            return {}
        reference = value.get("$ref")
        if not isinstance(reference, str):
            return value
        value = document
        for part in reference.removeprefix("#/").split("/"):
            value = value.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(value, dict) else None
    return {}
