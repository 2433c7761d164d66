"""The names that an operation of the contract may use, for the values of its request and of its reply."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pytest_examday.did_you_mean import did_you_mean
from pytest_examday.record import Record

PLACEHOLDER = re.compile(r"\{(\w+)\}")
"""A name in braces, which path, body, form, multipart and headers of an operation may hold."""
TOKEN = "token"  # noqa: S105 # a name
"""The placeholder for a person's token, in the header that carries it."""
ADDRESS = "address"
"""The placeholder for an address that each person has for itself."""
KEY = "key"
"""The placeholder for an idempotency key, if the platform takes it in the request itself and not in a header."""


class Vocabulary(NamedTuple):
    """The names that one operation may use."""

    values: tuple[str, ...] = ()
    """Placeholders that its path and body may hold."""
    finds: tuple[str, ...] = ()
    """Names under `finds` that the rehearsal knows."""
    needed: tuple[str, ...] = ()
    """Those of `finds` without which no exam can be rehearsed."""


_TOKENS = ("access_token", "refresh_token", "lifetime", "owner")
_EXAM = ("session_id", "status", "questions", "wording", "answers", "versions", "remaining", "expires_at", "score")
_READ = (*_EXAM, "marked")

VOCABULARY: Mapping[str, Vocabulary] = {
    "health": Vocabulary(),
    "ready": Vocabulary((), ("status", "database", "redis")),
    "sign_up": Vocabulary(("email", "password")),
    "before_login": Vocabulary(),
    "login": Vocabulary(("email", "password"), _TOKENS, ("access_token",)),
    "after_login": Vocabulary(),
    "refresh": Vocabulary(("refresh_token",), _TOKENS, ("access_token",)),
    "logout": Vocabulary(("refresh_token",)),
    "create": Vocabulary(("question_count", KEY), _EXAM, ("session_id",)),
    "create_short": Vocabulary(("question_count", "seconds", KEY), _EXAM, ("session_id",)),
    "read": Vocabulary(("session_id",), _READ),
    "answer": Vocabulary(("session_id", "question_id", "value", "sequence", "version", "marked"), ("saved", "version")),
    "clear": Vocabulary(("session_id", "question_id", "sequence", "version", "marked"), ("version",)),
    "submit": Vocabulary(("session_id", KEY), ("score", "status", "submitted_at", "max_score")),
    "review": Vocabulary(("session_id",), ("score", "answers", "correct", "status", "marks", "max_score")),
    "exam_mode": Vocabulary((), ("exam_mode", "worker"), ("exam_mode",)),
}
"""Operation -> the names that it may use. A list of questions is `[{id, choices}]`; a list of answers, right choices,
versions, marks or marked questions is `[{question, value}]`."""


KEYED = tuple(name for name, known in VOCABULARY.items() if KEY in known.values)
"""The operations that may carry an idempotency key."""

AROUND_LOGIN = ("before_login", "after_login")
"""Pages that a person opens before and after the log-in, only because their replies hold values that later requests
have to send (`keeps`)."""
SIGN_UP = "sign_up"
"""The operation by which the rehearsal creates accounts, before anybody logs in."""
BEFORE_THE_EXAM = (SIGN_UP, *AROUND_LOGIN)
"""Operations that come before the exam. A rehearsal calls them, and no line judges them."""

Mistake = tuple[tuple[str, ...], str]
"""The keys that lead to a mistake, and what is wrong there."""


def mistakes_in_operation(name: str, operation: Any, own: tuple[str, ...] = ()) -> Iterator[Mistake]:
    """What is wrong with the names that an operation uses. `own` are further values that every operation of the
    contract may hold."""
    vocabulary = VOCABULARY[name]
    for key in ("path", "body", "form", "multipart", "headers"):
        yield from unknown_placeholders((name, key), getattr(operation, key), (*vocabulary.values, *own))
    for found in operation.finds:
        if found not in vocabulary.finds:
            meant = did_you_mean(found, vocabulary.finds)
            yield (name, "finds", found), f"unknown name; {meant}valid: {', '.join(vocabulary.finds) or 'none'}"
    for needed in vocabulary.needed:
        if needed not in operation.finds:
            yield (name, "finds", needed), f"is missing; it says where the reply holds the {needed}"


def mistakes_in_keeps(name: str, operation: Any) -> Iterator[Mistake]:
    """What is wrong with the names of the values that an operation keeps."""
    if name == SIGN_UP and operation.keeps:
        yield (name, "keeps"), f"not allowed: whoever enters later begins with {' or '.join(('before_login', 'login'))}"
        return
    for kept in operation.keeps:
        if kept in _RESERVED or not kept.isidentifier():
            yield (name, "keeps", kept), f"not a name of one's own; these are taken: {', '.join(sorted(_RESERVED))}"


def unknown_placeholders(keys: tuple[str, ...], template: Any, valid: tuple[str, ...]) -> Iterator[Mistake]:
    """The placeholders of a template that are not among the valid ones; `keys` are those on the way to it."""
    for placeholder in dict.fromkeys(placeholders_in(template)):
        if placeholder not in valid:
            listed = ", ".join(f"{{{value}}}" for value in valid) or "none"
            yield keys, f"unknown placeholder {{{placeholder}}}; {did_you_mean(placeholder, valid)}valid: {listed}"


_RESERVED = frozenset({TOKEN, ADDRESS, *(value for known in VOCABULARY.values() for value in known.values)})
"""Names that no value of `keeps` may have, because a placeholder has them."""


def placeholders_in(template: Any) -> Iterator[str]:
    """The names in braces, in the texts of a template."""
    if isinstance(template, str):
        yield from PLACEHOLDER.findall(template)
    elif isinstance(template, dict):
        for value in template.values():
            yield from placeholders_in(value)
    elif isinstance(template, list):
        for value in template:
            yield from placeholders_in(value)
    elif isinstance(template, Record):
        yield from placeholders_in(dict(template))
