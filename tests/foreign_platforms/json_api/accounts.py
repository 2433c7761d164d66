"""People and their tokens: an access token lives 60 s, and each renewal replaces the token that it uses."""

import secrets
import uuid
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from tests.foreign_platforms.json_api.worker import Here, Refusal, Sent, digest, told
from tests.foreign_platforms.postgres import Connection, one

router = APIRouter(prefix="/api/auth")
_ACCESS_SECONDS = 60
_RENEWAL_SECONDS = 8 * 3600
_FORGOTTEN_A_MINUTE = 5


@dataclass(frozen=True)
class Person:
    """Who sends a request, and the family of tokens that one log in has begun."""

    id: uuid.UUID
    is_admin: bool
    family: uuid.UUID


async def _caller(request: Request, worker: Here) -> Person:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    query = (
        "SELECT people.id, is_admin, family FROM grants JOIN people ON people.id = person_id"
        " WHERE token_hash = %s AND kind = 'access' AND good_until > now()"
    )
    async with worker.pool.connection() as connection:
        row = await one(connection, query, digest(token))
    if row is None or scheme != "Bearer":
        raise Refusal(401, "token")
    request.state.who = str(row["id"])
    return Person(**row)


Caller = Annotated[Person, Depends(_caller)]


async def admin_only(caller: Caller) -> None:
    """Refuse everybody but an administrator."""
    if not caller.is_admin:
        raise Refusal(403, "admin_only")


class _Account(BaseModel):
    mail: str
    word: str


class _Renewal(BaseModel):
    renewal: str


class _Forgotten(BaseModel):
    mail: str


@router.post("/token")
async def log_in(sent: Sent[_Account], worker: Here) -> dict[str, Any]:
    """Begin a family of tokens."""
    account = sent.data.attributes
    query, word = "SELECT id FROM people WHERE mail = %s AND word_hash = %s", digest(account.mail + account.word)
    async with worker.pool.connection() as connection:
        person = await one(connection, query, account.mail, word)
        if person is None:
            raise Refusal(401, "credentials")
        return await _grant(connection, person["id"], uuid.uuid4())


@router.post("/renew")
async def renew(sent: Sent[_Renewal], worker: Here) -> dict[str, Any]:
    """Give new tokens for a renewal token, which is good once."""
    query = (
        "DELETE FROM grants WHERE token_hash = %s AND kind = 'renewal' AND good_until > now()"
        " RETURNING person_id, family"
    )
    async with worker.pool.connection() as connection:
        used = await one(connection, query, digest(sent.data.attributes.renewal))
        if used is None:
            raise Refusal(401, "renewal")
        return await _grant(connection, used["person_id"], used["family"])


@router.delete("/token", status_code=204)
async def log_out(caller: Caller, worker: Here) -> None:
    """End every token of the family."""
    async with worker.pool.connection() as connection:
        await connection.execute("DELETE FROM grants WHERE family = %s", (caller.family,))


@router.post("/forgotten", status_code=204)
async def forgotten(sent: Sent[_Forgotten], worker: Here) -> None:
    """Pretend to send mail, five times a minute to one address."""
    if await worker.counted(f"forgotten:{sent.data.attributes.mail}") > _FORGOTTEN_A_MINUTE:
        raise Refusal(429, "too_often")


async def _grant(connection: Connection, person: uuid.UUID, family: uuid.UUID) -> dict[str, Any]:
    access, renewal = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    await connection.execute(
        "INSERT INTO grants SELECT hash, kind, %s, %s, now() + make_interval(secs => seconds)"
        " FROM (VALUES (%s, 'access', %s), (%s, 'renewal', %s)) AS new (hash, kind, seconds)",
        (family, person, digest(access), _ACCESS_SECONDS, digest(renewal), _RENEWAL_SECONDS),
    )
    return told("token", access=access, renewal=renewal, good_for_s=_ACCESS_SECONDS, person=str(person))
