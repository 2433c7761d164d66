"""Reads what a candidate needs from the body of a reply, or says what is missing.

A platform may send anything, so every value that the contract finds is checked here before it is used.
"""

import time
from functools import lru_cache
from typing import Any, NamedTuple

from pytest_examday.contract.numbers_and_moments import as_number, cut
from pytest_examday.contract.operation import Operation
from pytest_examday.contract.token_life import DEFAULT_SECONDS, jwt_end
from pytest_examday.suites.exam.candidates.values_by_question import values_by_question


class Unusable(Exception):
    """A reply has an accepted status, but not what the contract promises."""


class Tokens(NamedTuple):
    """The tokens of a login: access and refresh token, the lifetime of the access token in seconds, and its owner's
    id."""

    access: str
    refresh: str | None
    lifetime: float
    owner: str | None


Choice = str | int | float


class Question(NamedTuple):
    """A question of a session: its id as text and as it is sent back, and its choices as the platform wrote them."""

    id: str
    choices: tuple[Choice, ...]
    sent: str | int

    def offers(self, text: str | None) -> bool:
        """Whether the text is one of the choices."""
        return any(str(choice) == text for choice in self.choices)


def tokens_in(operation: Operation, body: Any, default_seconds: float = DEFAULT_SECONDS) -> Tokens:
    """The tokens in the reply to a login or refresh; raises Unusable if they are missing or wrong. `default_seconds` is
    the lifetime (seconds) if neither the reply nor the token has one."""
    access, refresh = operation.find("access_token", body), operation.find("refresh_token", body)
    if not isinstance(access, str) or not access:
        raise Unusable("holds no access token")
    if refresh is not None and not isinstance(refresh, str):
        raise Unusable("holds a refresh token that is no text")
    owner = operation.find("owner", body)
    lifetime = _lifetime(operation.find("lifetime", body), access, default_seconds)
    return Tokens(access, refresh, lifetime, None if owner is None else str(owner))


def _lifetime(given: Any, access: str, default_seconds: float) -> float:
    """The lifetime in the reply, or else that of the JWT."""
    if given is None:
        end = jwt_end(access)
        return default_seconds if end is None else max(0.0, end - time.time())
    lifetime = as_number(given)
    if lifetime is None:
        raise Unusable(f"gives the token's lifetime as {cut(given)}")
    return lifetime


def session_id_in(operation: Operation, body: Any) -> str:
    """The id of a new session; raises Unusable if it is missing or wrong."""
    session = operation.find("session_id", body)
    if not isinstance(session, str | int) or session == "":
        raise Unusable("holds no session id")
    return str(session)


def questions_in(operation: Operation, body: Any) -> tuple[Question, ...]:
    """The questions of a session; raises Unusable if they are missing or wrong."""
    found = operation.find("questions", body)
    if not isinstance(found, list) or not found:
        raise Unusable("holds no questions")
    return tuple(map(_question, found))


def question_ids_in(operation: Operation, body: Any) -> list[str]:
    """The ids of the questions in the reply; none if they are in another form."""
    found = operation.find("questions", body)
    if not isinstance(found, list) or not all(isinstance(entry, dict) and "id" in entry for entry in found):
        return []
    return [str(entry["id"]) for entry in found]


def _question(found: Any) -> Question:
    try:
        key, choices = found["id"], tuple(map(_choice, found["choices"]))
    except (TypeError, KeyError):
        raise Unusable("holds a question without id and choices") from None
    if key is None or not choices:
        raise Unusable("holds a question without id and choices")
    return _shared(key if isinstance(key, str | int) else str(key), choices)


def _choice(found: Any) -> Choice:
    return found if type(found) in (str, int, float) else str(found)


@lru_cache(maxsize=2**16, typed=True)
def _shared(key: str | int, choices: tuple[Choice, ...]) -> Question:
    """One object for equal questions: copies for thousands of candidates would take most of the load's memory."""
    return Question(str(key), choices, key)


def answers_in(operation: Operation, body: Any) -> dict[str, Any]:
    """The answers of a session, by question; none if the body has no answers. Raises Unusable if they cannot be
    read."""
    answers = values_by_question(operation.find("answers", body) or [])
    if answers is None:
        raise Unusable("shows answers without question and value")
    return answers
