"""Reads what a candidate needs from the body of an answer, or says what is missing.

A platform may send anything, so every value that the contract finds is checked here before it is used.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from pytest_examday.contract.operations import Operation

_LIFETIME_SECONDS = 900.0
"""The lifetime of an access token if the platform does not tell it: 15 minutes, as is common."""


class Unusable(Exception):
    """An answer has an accepted status, but not what the contract promises."""


class Tokens(NamedTuple):
    """The tokens of a login: access and refresh token, the lifetime of the access token in seconds, and its owner's
    id."""

    access: str
    refresh: str | None
    lifetime: float
    owner: str | None


class Question(NamedTuple):
    """A question of a session: its id and its choices."""

    id: str
    choices: tuple[str, ...]


def tokens_in(operation: Operation, body: Any) -> Tokens:
    """The tokens in the answer to a login or refresh; raises Unusable if they are missing or wrong."""
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
    """The id and the questions of a new session; raises Unusable if they are missing or wrong."""
    session = operation.find("session_id", body)
    if not isinstance(session, str | int) or session == "":
        raise Unusable("holds no session id")
    found = operation.find("questions", body)
    if not isinstance(found, list) or not found:
        raise Unusable("holds no questions")
    return str(session), tuple(map(_question, found))


def question_ids_in(operation: Operation, body: Any) -> list[str]:
    """The ids of the questions that the answer tells; none if it tells them in another way."""
    found = operation.find("questions", body)
    if not isinstance(found, list) or not all(isinstance(one, dict) and "id" in one for one in found):
        return []
    return [str(one["id"]) for one in found]


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
    """One object for equal questions: copies for thousands of candidates would take most of the load's memory."""
    return Question(key, choices)


def answers_in(operation: Operation, body: Any) -> dict[Any, Any]:
    """The answers of a session, by question; raises Unusable if they cannot be read."""
    try:
        return {entry["question"]: entry["value"] for entry in operation.find("answers", body) or ()}
    except (TypeError, KeyError):
        raise Unusable("shows answers without question and value") from None
