"""Creates the roles, the database, the tables and the companies of the service."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from pytest_examday.local_servers.ports import HOST
from pytest_examday.local_servers.postgres import OWNER
from pytest_examday.webhook_service import chain
from pytest_examday.webhook_service.companies import Company
from pytest_examday.webhook_service.credentials import Credentials
from pytest_examday.webhook_service.encryption import Encryption

DATABASE = "webhooks"
_CONNECT_SECONDS = 5
_COMPANY = """
    INSERT INTO companies (id, name, webhook_secret_encrypted) VALUES (%s, %s, %s) ON CONFLICT (id) DO NOTHING
"""
_EXPERIMENT = """
    INSERT INTO experiments (company_id, name, variants) VALUES (%s, 'reminder-text', '{calm,urgent}')
    ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """Connection strings by role. Only the administrator of the server sees the rows of all companies."""

    administrator: str = field(repr=False)
    owner: str = field(repr=False)
    app: str = field(repr=False)
    scheduler: str = field(repr=False)


def database_urls(port: int, credentials: Credentials) -> DatabaseUrls:
    """The connection strings of the service's database on the server at `port`."""

    def url(role: str, password: str) -> str:
        return f"postgresql://{role}:{password}@{HOST}:{port}/{DATABASE}"

    return DatabaseUrls(
        administrator=url(OWNER, credentials.administrator_password),
        owner=url("webhook_owner", credentials.owner_password),
        app=url("webhook_app", credentials.app_password),
        scheduler=url("webhook_scheduler", credentials.scheduler_password),
    )


def provision(
    urls: DatabaseUrls, credentials: Credentials, companies: Sequence[Company], encryption: Encryption
) -> None:
    """Create what is missing and keep what is there. Raises `psycopg.Error` if the database cannot be prepared."""
    maintenance = urls.administrator.rpartition("/")[0] + "/postgres"
    with psycopg.connect(maintenance, autocommit=True, connect_timeout=_CONNECT_SECONDS) as connection:
        chain.apply(connection, chain.roles())
        _set_passwords(connection, credentials)
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone() is None:
            create = sql.SQL("CREATE DATABASE {} OWNER webhook_owner").format(sql.Identifier(DATABASE))
            connection.execute(create)
    with psycopg.connect(urls.owner, autocommit=True, connect_timeout=_CONNECT_SECONDS) as owner:
        for script in chain.migrations():
            chain.apply(owner, script)
    with psycopg.connect(urls.administrator, connect_timeout=_CONNECT_SECONDS) as administrator:
        for company in companies:
            administrator.execute(_COMPANY, (company.id, company.name, encryption.text(company.secret)))
            administrator.execute(_EXPERIMENT, (company.id,))


def _set_passwords(connection: psycopg.Connection[Any], credentials: Credentials) -> None:
    passwords = {
        "webhook_owner": credentials.owner_password,
        "webhook_app": credentials.app_password,
        "webhook_scheduler": credentials.scheduler_password,
    }
    for role, password in passwords.items():
        statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
        connection.execute(statement)
