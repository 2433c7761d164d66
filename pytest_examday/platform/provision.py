"""Creates the roles, the database, the tables and the initial data of a platform."""

from dataclasses import dataclass
from importlib import resources
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from pytest_examday.local_servers.ports import HOST
from pytest_examday.local_servers.postgres import OWNER
from pytest_examday.platform.credentials import Credentials
from pytest_examday.platform.seeding import seed

DATABASE = "exam"
APP_ROLE = "exam_app"
AUDITOR_ROLE = "auditor"
_CONNECT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """Connection strings by role: ``owner`` may do everything, ``app`` reads and writes, ``auditor`` only reads."""

    owner: str
    app: str
    auditor: str


def database_urls(port: int, credentials: Credentials) -> DatabaseUrls:
    """The three connection strings of the exam database."""

    def url(role: str, password: str) -> str:
        return f"postgresql://{role}:{password}@{HOST}:{port}/{DATABASE}"

    return DatabaseUrls(
        owner=url(OWNER, credentials.owner_password),
        app=url(APP_ROLE, credentials.app_password),
        auditor=url(AUDITOR_ROLE, credentials.auditor_password),
    )


def provision(urls: DatabaseUrls, credentials: Credentials, candidates: int, questions: int) -> int:
    """Create what is missing in the database and keep what is there; returns the number of candidates."""
    maintenance = urls.owner.rpartition("/")[0] + "/postgres"
    with psycopg.connect(maintenance, autocommit=True, connect_timeout=_CONNECT_SECONDS) as connection:
        _ensure_role(connection, APP_ROLE, credentials.app_password)
        _ensure_role(connection, AUDITOR_ROLE, credentials.auditor_password)
        if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    with psycopg.connect(urls.owner, connect_timeout=_CONNECT_SECONDS) as connection:
        if not _exists(connection, "SELECT to_regclass(%s)", "public.users"):
            _create_tables(connection)
        seed(connection, candidates, questions, (credentials.candidate_password, credentials.admin_password))
        row = connection.execute("SELECT count(*) FROM users WHERE role = 'candidate'").fetchone()
        return int(row[0]) if row else 0


def _exists(connection: psycopg.Connection[Any], statement: LiteralString, value: str) -> bool:
    row = connection.execute(statement, (value,)).fetchone()
    return row is not None and row[0] is not None


def _ensure_role(connection: psycopg.Connection[Any], role: str, password: str) -> None:
    if _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
        return
    statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
    connection.execute(statement.format(sql.Identifier(role), sql.Literal(password)))


def _create_tables(connection: psycopg.Connection[Any]) -> None:
    schema = resources.files("pytest_examday.platform").joinpath("schema.sql").read_text(encoding="utf-8")
    connection.execute(schema.encode())
    app, auditor = sql.Identifier(APP_ROLE), sql.Identifier(AUDITOR_ROLE)
    for statement, role in (
        ("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}", app),
        ("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}", app),
        ("GRANT pg_monitor, pg_read_all_stats, pg_read_all_data TO {}", auditor),
        ("ALTER ROLE {} SET default_transaction_read_only = on", auditor),
    ):
        connection.execute(sql.SQL(statement).format(role))
