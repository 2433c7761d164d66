"""The initial data of a platform: the same themes, questions and accounts on every machine."""

import json
import random
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg

from pytest_examday.platform.passwords import hash_password

ADMIN_EMAIL = "admin@exam.example"
CANDIDATE_EMAIL = "candidate-{n:04d}@exam.example"
CHOICE_KEYS = "ABCDE"
THEMES = ("Cardiology", "Neurology", "Pharmacology", "Physiology", "Pathology", "Public health")
_NAMESPACE = uuid.UUID("6f0f5f5e-3f0c-5c59-9d0e-0d6c1f3f7a10")
_PENDING_MAILS = 5


def stable_id(kind: str, number: int) -> uuid.UUID:
    """The id of the ``number``-th row of a kind, the same on every platform."""
    return uuid.uuid5(_NAMESPACE, f"{kind}-{number}")


def seed(connection: psycopg.Connection[Any], candidates: int, questions: int, passwords: tuple[str, str]) -> None:
    """Add the missing questions and candidates up to these numbers; ``passwords`` are the candidates' and the
    admin's."""
    with connection.cursor() as cursor:
        if _count(cursor, "SELECT count(*) FROM themes") == 0:
            _seed_fixed(cursor, passwords[1])
        known_questions = _count(cursor, "SELECT count(*) FROM questions")
        _copy_questions(cursor, known_questions + 1, questions)
        existing = _count(cursor, "SELECT count(*) FROM users WHERE role = 'candidate'")
        _copy_candidates(cursor, existing + 1, candidates, passwords[0])


def _count(cursor: psycopg.Cursor[Any], statement: str) -> int:
    row = cursor.execute(statement.encode()).fetchone()
    return int(row[0]) if row else 0


def _seed_fixed(cursor: psycopg.Cursor[Any], admin_password: str) -> None:
    cursor.executemany("INSERT INTO themes (id, name) VALUES (%s, %s)", list(enumerate(THEMES, start=1)))
    cursor.execute(
        "INSERT INTO users (id, email, password_hash, role) VALUES (%s, %s, %s, 'admin')",
        (stable_id("admin", 1), ADMIN_EMAIL, hash_password(admin_password)),
    )
    cursor.executemany(
        "INSERT INTO email_outbox (recipient, subject) VALUES (%s, 'Your exam starts soon')",
        [(CANDIDATE_EMAIL.format(n=n),) for n in range(1, _PENDING_MAILS + 1)],
    )


def _copy_questions(cursor: psycopg.Cursor[Any], first: int, last: int) -> None:
    with cursor.copy("COPY questions (id, stem, choices, correct_choice, theme_id) FROM STDIN") as copy:
        for row in _question_rows(first, last):
            copy.write_row(row)


def _question_rows(first: int, last: int) -> Iterator[tuple[uuid.UUID, str, str, str, int]]:
    for number in range(first, last + 1):
        dice = random.Random(number)
        left, right = dice.randint(12, 99), dice.randint(12, 99)
        theme = (number - 1) % len(THEMES)
        values = dice.sample(range(left + right - 9, left + right + 10), len(CHOICE_KEYS))
        correct = dice.randrange(len(CHOICE_KEYS))
        if left + right in values:
            correct = values.index(left + right)
        values[correct] = left + right
        choices = [{"key": key, "text": f"{value} mg"} for key, value in zip(CHOICE_KEYS, values, strict=True)]
        stem = (
            f"{THEMES[theme]} {number}: a patient receives {left} mg in the morning and {right} mg in the "
            "evening. What is the daily dose?"
        )
        yield stable_id("question", number), stem, json.dumps(choices), CHOICE_KEYS[correct], theme + 1


def _copy_candidates(cursor: psycopg.Cursor[Any], first: int, last: int, password: str) -> None:
    if first > last:
        return
    # One salt for all: the accounts are test accounts, and 600 hashes would take longer than the start.
    shared = hash_password(password)
    with cursor.copy("COPY users (id, email, password_hash, role) FROM STDIN") as copy:
        for number in range(first, last + 1):
            copy.write_row((stable_id("candidate", number), CANDIDATE_EMAIL.format(n=number), shared, "candidate"))
