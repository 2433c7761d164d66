"""What a candidate needs out of an answer's body, or a plain word that it is not there.

A platform may send anything: what the contract finds is checked here before anybody works with it.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from pytest_examday.contract.operations import Operation

_LIFETIME_SECONDS = 900.0
"""Of an access token whose platform does not tell it (15 minutes, as most have)."""


class Unusable(Exception):
    """An answer was accepted by its status and does not hold what the contract promises."""


class Tokens(NamedTuple):
    """A login: the access token, the one to renew it with, its lifetime in seconds, and whose it is."""

    access: str
    refresh: str | None
    lifetime: float
    owner: str | None


class Question(NamedTuple):
    """A question as it is answered: its id and the choices."""

    id: str
    choices: tuple[str, ...]


def tokens_in(operation: Operation, body: Any) -> Tokens:
    """The tokens of a login or a refresh; raises Unusable."""
    access, refresh = operation.find("access_token", body), operation.find("refresh_token", body)
    if not isinstance(access, str) or not access:
        raise Unusable("holds no access token")
    if refresh is not None and not isinstance(refresh, str):
        raise Unusable("holds a refresh token that is no text")
    owner = operation.find("owner", body)
    return Tokens(access, refresh, _lifetime(operation.find("lifetime", body)), None if owner is None else str(owner))


def _lifetime(told: Any) -> float:
    try:
        return _LIFETIME_SECONDS if told is None else float(told)
    except (TypeError, ValueError):
        raise Unusable(f"gives the token's lifetime as {told!r}") from None


def session_in(operation: Operation, body: Any) -> tuple[str, tuple[Question, ...]]:
    """The id and the questions of a new session; raises Unusable."""
    session = operation.find("session_id", body)
    if not isinstance(session, str | int) or session == "":
        raise Unusable("holds no session id")
    found = operation.find("questions", body)
    if not isinstance(found, list) or not found:
        raise Unusable("holds no questions")
    return str(session), tuple(map(_question, found))


def _question(found: Any) -> Question:
    try:
        question = _shared(found["id"], tuple(map(str, found["choices"])))
    except (TypeError, KeyError):
        raise Unusable("holds a question without id and choices") from None
    if question.id is None or not question.choices:
        raise Unusable("holds a question without id and choices")
    return question


@lru_cache(maxsize=2**16)
def _shared(key: str, choices: tuple[str, ...]) -> Question:
    """Candidates of one paper share its questions: thousands of copies would be most of the load's memory."""
    return Question(key, choices)


def answers_in(operation: Operation, body: Any) -> dict[Any, Any]:
    """The answers that a session shows, by question; raises Unusable where they cannot be read."""
    try:
        return {entry["question"]: entry["value"] for entry in operation.find("answers", body) or ()}
    except (TypeError, KeyError):
        raise Unusable("shows answers without question and value") from None
