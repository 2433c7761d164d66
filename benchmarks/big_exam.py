"""Makes an exam of any size, as a database and as the ledger that agrees with it.

Each session has 60 of 600 questions. Sessions run in waves of a thousand at the same time, so that the rows of one
session are far apart in the tables. Every question is answered once, every second answer with a double click, which
leaves two events.
"""

from collections.abc import Iterator
from hashlib import md5
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import IO, Any

import psycopg

from pytest_examday.load.ledger import LedgerWriter

QUESTIONS = 60
_BANK = 600
_WAVE = 1000
_AT_ONCE = 50

_FILL = (
    """
    INSERT INTO exam_sessions
        (id, user_id, status, question_count, created_at, expires_at, submitted_at, score, max_score)
    SELECT md5('s' || s)::uuid, md5('u' || s)::uuid, 'SUBMITTED', 60,
           timestamptz '2026-01-15 09:00Z', timestamptz '2026-01-15 10:00Z', timestamptz '2026-01-15 09:50Z', 12, 60
    FROM generate_series(0, {sessions} - 1) s
    """,
    """
    INSERT INTO session_questions (session_id, question_id, position, correct_choice)
    SELECT md5('s' || s)::uuid, md5('q' || (7 * s + p) % 600)::uuid, p + 1, 'A'
    FROM generate_series(0, {sessions} - 1) s, generate_series(0, 59) p
    """,
    """
    CREATE TEMPORARY VIEW clicks AS
    SELECT * FROM (
        SELECT g, g / 60000 * 1000 + g % 1000 AS s, g % 60000 / 1000 AS p
        FROM generate_series(0, ({sessions} + 999) / 1000 * 60000 - 1) g
    ) AS click WHERE s < {sessions}
    """,
    """
    INSERT INTO session_answers (session_id, question_id, choice, sequence, saved_at)
    SELECT md5('s' || s)::uuid, md5('q' || (7 * s + p) % 600)::uuid, substr('ABCDE', (s + p) % 5 + 1, 1), p + 1,
           timestamptz '2026-01-15 09:00Z' + p * interval '45 seconds'
    FROM clicks
    """,
    """
    INSERT INTO attempt_events (session_id, user_id, kind)
    SELECT md5('s' || s)::uuid, md5('u' || s)::uuid, 'CREATE' FROM generate_series(0, {sessions} - 1) s
    """,
    """
    INSERT INTO attempt_events (session_id, user_id, kind, question_id, choice, sequence, request_id)
    SELECT md5('s' || s)::uuid, md5('u' || s)::uuid, 'ANSWER', md5('q' || (7 * s + p) % 600)::uuid,
           substr('ABCDE', (s + p) % 5 + 1, 1), p + 1, 'ed-' || md5(g || '-' || click)
    FROM clicks, generate_series(0, (g + 1) % 2) click
    """,
    """
    INSERT INTO attempt_events (session_id, user_id, kind)
    SELECT md5('s' || s)::uuid, md5('u' || s)::uuid, 'SUBMIT' FROM generate_series(0, {sessions} - 1) s
    """,
    """
    INSERT INTO mastery_updates (session_id, theme_id)
    SELECT md5('s' || s)::uuid, theme FROM generate_series(0, {sessions} - 1) s, generate_series(1, 6) theme
    """,
    """
    INSERT INTO mastery (user_id, theme_id, correct, total)
    SELECT md5('u' || s)::uuid, theme, 2, 10 FROM generate_series(0, {sessions} - 1) s, generate_series(1, 6) theme
    """,
)


def sessions_for(answers: int) -> int:
    """How many sessions hold at least so many answers."""
    return -(-answers // QUESTIONS)


def fill(url: str, sessions: int) -> None:
    """The reference platform's tables with so many sessions, analysed and not vacuumed, as a load leaves them."""
    schema = resources.files("pytest_examday.platform").joinpath("schema.sql").read_text()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET max_wal_size = '8GB'")
        connection.execute("ALTER SYSTEM SET autovacuum = off")  # whoever measures says when
        connection.execute("SELECT pg_reload_conf()")
        connection.execute(schema.encode())
        # Rows of tables that nobody asks for, users and the bank, are left out.
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        for statement in _FILL:
            connection.execute(statement.format(sessions=sessions).encode())
        connection.execute("ANALYZE")
        connection.execute("CHECKPOINT")


def vacuum(url: str) -> None:
    """Vacuum all tables, as autovacuum does after a load; raises RuntimeError if it left most of one out."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")
        left = connection.execute(
            "SELECT relname FROM pg_class WHERE relname ~ '^(exam_sess|session_|attempt_|mastery)' AND relkind = 'r' "
            "AND relallvisible < 0.9 * relpages"
        ).fetchall()
    if left:
        raise RuntimeError(f"not vacuumed: {left}")


class _BufferedWriter(LedgerWriter):
    """The ledger's own writer, without a system call for every line."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.close()
        self._file: IO[bytes] = path.open("ab")


def write_ledger(path: Path, sessions: int) -> None:
    """The ledger of the same sessions; fifty writes are under way at any moment."""
    ledger = _BufferedWriter(path)
    writes = _writes(sessions)
    while intents := list(islice(writes, _AT_ONCE)):
        written = [(ledger.intend(**intent), back) for intent, back in intents]
        for write, back in written:
            ledger.settle(write, "acknowledged", f"ed-{md5(write.id.encode()).hexdigest()}", **back)
    ledger.close()


def _writes(sessions: int) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """Each write, and what its answer gives back."""
    bank = [_uuid("q", number) for number in range(_BANK)]
    for begin in range(0, sessions, _WAVE):
        wave = [
            (number, _uuid("s", number), {"actor": f"candidate-{number:06}@exam.example", "owner": _uuid("u", number)})
            for number in range(begin, min(begin + _WAVE, sessions))
        ]
        for _, session, who in wave:
            yield {"kind": "create", "subject": None, **who}, {"subject": session}
        for position in range(QUESTIONS):
            for number, session, who in wave:
                key, value = bank[(7 * number + position) % _BANK], "ABCDE"[(number + position) % 5]
                answer = {"kind": "answer", "subject": session, "key": key, "value": value, "sequence": position + 1}
                yield {**answer, **who}, {}
        for _, session, who in wave:
            yield {"kind": "submit", "subject": session, **who}, {"result": "12"}


def _uuid(kind: str, number: int) -> str:
    digits = md5(f"{kind}{number}".encode()).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
