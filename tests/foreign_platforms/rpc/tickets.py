"""Tickets: each lives 90 s, and one that was renewed 5 s more."""

import secrets
import uuid
from typing import Any

from tests.foreign_platforms.postgres import one
from tests.foreign_platforms.rpc.node import Caller, Failure, Node, Params, digest

_TICKET_SECONDS = 90
_RENEWED_SECONDS = 5
_ENTERS_A_MINUTE = 30


class Account(Params):
    """Who enters."""

    user: str
    secret: str


class Ticket(Params):
    """The ticket that is renewed."""

    ticket: str


class Nothing(Params):
    """A method without params."""


async def caller_of(node: Node, ticket: str | None) -> Caller:
    """Who sent this ticket. Raises Failure with HTTP 401."""
    query = (
        "SELECT person, login, staff, entry FROM ticket JOIN person ON person.id = person"
        " WHERE hash = %s AND ends_at > clock_timestamp()"
    )
    async with node.pool.connection() as connection:
        row = await one(connection, query, digest(ticket or ""))
    if row is None:
        raise _ended()
    return Caller(**row)


async def enter(node: Node, params: Account) -> tuple[str, dict[str, Any]]:
    """Give the first ticket; the login of who entered comes with it."""
    times, seconds = await node.counted(f"enter:{params.user}")
    if times > _ENTERS_A_MINUTE:
        raise Failure(4290, "entered too often", 429, retry_after=seconds)
    giving = (
        "INSERT INTO ticket SELECT %s, %s, id, clock_timestamp() + make_interval(secs => %s)"
        " FROM person WHERE login = %s AND secret_hash = %s RETURNING person"
    )
    ticket, known = secrets.token_urlsafe(24), digest(params.user + params.secret)
    async with node.pool.connection() as connection:
        if await one(connection, giving, digest(ticket), uuid.uuid4(), _TICKET_SECONDS, params.user, known) is None:
            raise Failure(4011, "user or secret is wrong")
    return params.user, _told(ticket)


async def renew(node: Node, params: Ticket) -> tuple[str, dict[str, Any]]:
    """Give another ticket for one that has not ended, and end that one soon."""
    renewing = (
        "WITH used AS (UPDATE ticket SET ends_at = least(ends_at, clock_timestamp() + make_interval(secs => %s))"
        " WHERE hash = %s AND ends_at > clock_timestamp() RETURNING entry, person),"
        " new AS (INSERT INTO ticket SELECT %s, entry, person, clock_timestamp() + make_interval(secs => %s) FROM used)"
        " SELECT login FROM used JOIN person ON person.id = person"
    )
    ticket, used = secrets.token_urlsafe(24), digest(params.ticket)
    async with node.pool.connection() as connection:
        row = await one(connection, renewing, _RENEWED_SECONDS, used, digest(ticket), _TICKET_SECONDS)
    if row is None:
        raise _ended()
    return row["login"], _told(ticket)


async def leave(node: Node, caller: Caller, _: Nothing) -> dict[str, Any]:
    """End all tickets that come from one `auth.enter`."""
    async with node.pool.connection() as connection:
        await connection.execute("DELETE FROM ticket WHERE entry = %s", (caller.entry,))
    return {"left": True}


def _told(ticket: str) -> dict[str, Any]:
    return {"ticket": ticket, "expires_in": _TICKET_SECONDS}


def _ended() -> Failure:
    return Failure(4010, "ticket is missing or has ended", 401)
