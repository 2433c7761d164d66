"""Redis as a service, and what stands in the database at the beginning."""

from pathlib import Path

import psycopg

from tests.foreign_platforms.json_api.worker import digest

WORD = "let-me-in"
"""The password of everybody."""


def fill(url: str, people: int, *, exam_mode: bool) -> None:
    """Create the tables, an administrator and the people `p1@exams.example` and so on."""
    mails = ["boss@exams.example", *(f"p{n}@exams.example" for n in range(1, people + 1))]
    with psycopg.connect(url) as connection:
        connection.execute(Path(__file__).with_name("schema.sql").read_bytes())
        connection.execute("INSERT INTO switches VALUES ('exam mode', %s)", (exam_mode,))
        connection.cursor().executemany(
            "INSERT INTO people (mail, word_hash, is_admin) VALUES (%s, %s, %s)",
            [(mail, digest(mail + WORD), mail == mails[0]) for mail in mails],
        )
