"""What stands in the database at the beginning."""

import hashlib
from pathlib import Path

import psycopg

STAFF = "office@pages.example"
PASSWORD = "open-sesame"
"""The password of everybody."""


def fill(url: str, people: int, *, exam_mode: bool) -> None:
    """Create the tables, an administrator and the people `person-1@pages.example` and so on."""
    emails = [STAFF, *(f"person-{n}@pages.example" for n in range(1, people + 1))]
    with psycopg.connect(url) as connection:
        connection.execute(Path(__file__).with_name("schema.sql").read_bytes())
        connection.execute("INSERT INTO exam.flags VALUES ('exam_mode', %s)", (exam_mode,))
        connection.cursor().executemany(
            "INSERT INTO exam.person (email, password_hash, is_staff) VALUES (%s, %s, %s)",
            [(email, password_hash(email, PASSWORD), email == STAFF) for email in emails],
        )


def password_hash(email: str, password: str) -> bytes:
    """What is stored of a password. It is quick to compute, because nobody's real password is here."""
    return hashlib.sha256(f"{email}\n{password}".encode()).digest()
