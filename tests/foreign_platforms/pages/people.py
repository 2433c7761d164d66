"""Logins: a form with a CSRF value, a session of 30 minutes that use prolongs, a limit for each address."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tests.foreign_platforms.pages.population import password_hash
from tests.foreign_platforms.pages.rendering import form, page
from tests.foreign_platforms.pages.worker import Worker, worker_of
from tests.foreign_platforms.postgres import one

_TRIES_A_MINUTE = 20


@dataclass(frozen=True)
class Person:
    """Who sends a request."""

    id: int
    is_staff: bool


class NotLoggedIn(Exception):
    """A request without a session that is good."""


async def logged_in(request: Request) -> Person:
    """Who sends the request; the session is good for another 30 minutes. Raises NotLoggedIn."""
    sid, worker = request.cookies.get("sid", ""), worker_of(request)
    using = (
        "UPDATE exam.login SET good_until = now() + interval '30 minutes' FROM exam.person"
        " WHERE sid_hash = %s AND good_until > now() AND person.id = person_id RETURNING person.id, is_staff"
    )
    async with worker.pool.connection() as connection:
        row = await one(connection, using, _digest(sid))
    if row is None:
        raise NotLoggedIn
    request.state.person = row["id"]
    request.state.csrf = worker.csrf(sid)
    return Person(**row)


async def sent_by(request: Request) -> tuple[Person, dict[str, str]]:
    """Who sends a form, and its fields. Raises NotLoggedIn, and HTTPException with status 403 if the CSRF value is
    not that of the session."""
    person, fields = await logged_in(request), await form(request)
    _require_csrf(fields, request.state.csrf)
    return person, fields


async def show_enter(request: Request) -> Response:
    """The form of the login."""
    pre = request.cookies.get("pre") or secrets.token_urlsafe(16)
    response = page(request, "enter", login_csrf=worker_of(request).csrf(pre))
    response.set_cookie("pre", pre, httponly=True, samesite="lax")
    return response


async def enter(request: Request) -> Response:
    """Log in: on to the exams, or the form again."""
    worker, fields, pre = worker_of(request), await form(request), request.cookies.get("pre", "")
    await _count_try(worker, address_of(request))
    _require_csrf(fields, worker.csrf(pre) if pre else "")
    email, sid = fields.get("email", ""), secrets.token_urlsafe(32)
    beginning = (
        "INSERT INTO exam.login SELECT %s, id, now() + interval '30 minutes' FROM exam.person"
        " WHERE email = %s AND password_hash = %s RETURNING person_id"
    )
    password = password_hash(email, fields.get("password", ""))
    async with worker.pool.connection() as connection:
        login = await one(connection, beginning, _digest(sid), email, password)
    if login is None:
        return page(request, "enter", login_csrf=worker.csrf(pre), message="E-mail and password do not match.")
    request.state.person = login["person_id"]
    response = RedirectResponse("/exams", 303)
    response.set_cookie("sid", sid, httponly=True, samesite="lax")
    response.delete_cookie("pre", httponly=True, samesite="lax")
    return response


async def leave(request: Request) -> Response:
    """End the session."""
    await sent_by(request)
    async with worker_of(request).pool.connection() as connection:
        await connection.execute("DELETE FROM exam.login WHERE sid_hash = %s", (_digest(request.cookies["sid"]),))
    response = RedirectResponse("/enter", 303)
    response.delete_cookie("sid", httponly=True, samesite="lax")
    return response


def address_of(request: Request) -> str:
    """Where a request comes from, as the first proxy says, or else the connection."""
    told = request.headers.get("x-forwarded-for", "").partition(",")[0].strip()
    return told or (request.client.host if request.client else "-")


async def _count_try(worker: Worker, address: str) -> None:
    counting = (
        "INSERT INTO exam.login_tries AS known VALUES (%s, now(), 1) ON CONFLICT (address) DO UPDATE"
        " SET tries = CASE WHEN known.began > now() - interval '1 minute' THEN known.tries + 1 ELSE 1 END,"
        " began = CASE WHEN known.began > now() - interval '1 minute' THEN known.began ELSE now() END"
        " RETURNING tries, ceil(extract(epoch FROM began + interval '1 minute' - now()))::integer AS seconds_left"
    )
    async with worker.pool.connection() as connection:
        counted = await one(connection, counting, address)
    if counted is not None and counted["tries"] > _TRIES_A_MINUTE:
        raise HTTPException(429, "Too many logins.", {"Retry-After": str(counted["seconds_left"])})


def _require_csrf(fields: dict[str, str], expected: str) -> None:
    if not expected or not hmac.compare_digest(fields.get("csrf", "").encode(), expected.encode()):
        raise HTTPException(403, "This form is not of your session. Load the page again.")


def _digest(sid: str) -> bytes:
    return hashlib.sha256(sid.encode()).digest()
