"""A real PostgreSQL for the queries; under xdist every worker has its own."""

import asyncio
from collections.abc import Iterator
from importlib import resources

import psycopg
import pytest
from psycopg.rows import dict_row

from pytest_examday.local_servers import ports
from pytest_examday.local_servers.postgres import OWNER, Postgres
from pytest_examday.target.database import Connection

_PASSWORD = "examday-tests"
_CLEAN = """
INSERT INTO exam_sessions (id, user_id, status, question_count, expires_at, submitted_at, score, max_score) VALUES
    ('00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-00000000000a', 'SUBMITTED', 3, now(),
     now() + '1 minute', 1, 3),
    ('00000000-0000-0000-0000-0000000000a2', '00000000-0000-0000-0000-00000000000b', 'ACTIVE', 3, now(), NULL, NULL, 3);
INSERT INTO session_questions (session_id, question_id, position, correct_choice)
    SELECT s.id, ('00000000-0000-0000-0000-0000000000f' || n)::uuid, n, 'A'
    FROM exam_sessions s, generate_series(1, 3) n;
INSERT INTO session_answers (session_id, question_id, choice, sequence) VALUES
    ('00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-0000000000f1', 'A', 1),
    ('00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-0000000000f2', 'B', 3),
    ('00000000-0000-0000-0000-0000000000a2', '00000000-0000-0000-0000-0000000000f1', 'C', 1);
INSERT INTO attempt_events (session_id, user_id, kind, question_id, choice) VALUES
    ('00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-00000000000a', 'CREATE', NULL, NULL),
    ('00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-00000000000a', 'ANSWER',
     '00000000-0000-0000-0000-0000000000f1', 'A'),
    ('00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-00000000000a', 'ANSWER',
     '00000000-0000-0000-0000-0000000000f2', 'C'),
    ('00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-00000000000a', 'ANSWER',
     '00000000-0000-0000-0000-0000000000f2', 'B'),
    ('00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-00000000000a', 'SUBMIT', NULL, NULL),
    ('00000000-0000-0000-0000-0000000000a2', '00000000-0000-0000-0000-00000000000b', 'CREATE', NULL, NULL),
    ('00000000-0000-0000-0000-0000000000a2', '00000000-0000-0000-0000-00000000000b', 'ANSWER',
     '00000000-0000-0000-0000-0000000000f1', 'C');
INSERT INTO mastery_updates (session_id, theme_id) VALUES
    ('00000000-0000-0000-0000-0000000000a1', 1), ('00000000-0000-0000-0000-0000000000a1', 2);
INSERT INTO mastery (user_id, theme_id, correct, total) VALUES
    ('00000000-0000-0000-0000-00000000000a', 1, 1, 1), ('00000000-0000-0000-0000-00000000000a', 2, 0, 2);
"""
"""One session that was submitted with an answer changed and one question blank, and one still under way."""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database with the reference platform's tables."""
    folder = tmp_path_factory.mktemp("postgres")
    port = ports.pick()
    postgres = Postgres(folder / "home", folder / "postgres.log", port, _PASSWORD, max_connections=10)
    asyncio.run(postgres.start())
    url = f"postgresql://{OWNER}:{_PASSWORD}@{ports.HOST}:{port}/postgres"
    with psycopg.connect(url, connect_timeout=5) as connection:
        schema = resources.files("pytest_examday.platform").joinpath("schema.sql").read_text()
        connection.execute(schema.encode())
    yield url
    asyncio.run(postgres.stop())


@pytest.fixture
def connection(server: str) -> Iterator[Connection]:
    """A connection whose work is undone; foreign keys sleep, as they do on platforms that have none."""
    with psycopg.connect(server, connect_timeout=5, row_factory=dict_row) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection
        connection.rollback()


@pytest.fixture
def clean(connection: Connection) -> Connection:
    """The database with clean rows."""
    connection.execute(_CLEAN.encode())
    return connection
