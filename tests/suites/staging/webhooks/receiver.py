"""A small real service that receives signed webhooks, and whose defects are switched on by a file.

Run as a program with the file of its settings. Two workers share one socket; a worker that dies is replaced. It ends
when its standard input does.
"""

import asyncio
import base64
import hmac
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from cryptography.fernet import Fernet
from psycopg.errors import NotNullViolation
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

SCHEMA = """
    CREATE TABLE keys (company text, external_id text, PRIMARY KEY (company, external_id));
    CREATE TABLE events (id bigserial PRIMARY KEY, company text NOT NULL, external_id text, plan text, name text,
                         payload bytea NOT NULL, worker int NOT NULL);
    CREATE TABLE cases (id bigserial PRIMARY KEY, company text NOT NULL, external_id text NOT NULL);
    CREATE TABLE uses (company text PRIMARY KEY, used int NOT NULL);
    CREATE SCHEMA audit;
    CREATE TABLE audit.raw (id bigserial PRIMARY KEY, body text);
"""
TYPES = ("payment_failed", "payment_succeeded")
WINDOW = 300
LARGEST = 256 * 1024
LIMIT = 12
LIMITED = ("limited", "other")
"""Companies with a rate limit; the others may send as much as they like."""


@dataclass(frozen=True)
class Settings:
    """How the receiver is started."""

    database_url: str
    log: str
    defects: str
    """A file with the names of the defects that are switched on, one a line."""
    port_file: str
    secrets: dict[str, str]
    key: str


class Refused(Exception):
    """A webhook that is refused."""

    def __init__(self, status: int, why: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(why)
        self.status, self.why, self.headers = status, why, headers


class Receiver:
    """Receives webhooks in one worker."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._encryption = Fernet(settings.key)
        self._pool = AsyncConnectionPool(
            settings.database_url, min_size=1, max_size=6, open=False, kwargs={"autocommit": True}
        )
        self._written, self._defects = 0, frozenset[str]()
        self._log = Path(settings.log)

    @property
    def app(self) -> Starlette:
        """The application."""
        return Starlette(
            routes=[
                Route("/hooks/{company}", self.receive, methods=["POST"]),
                Route("/moved/{company}", self.redirect, methods=["POST"]),
                Route("/people/{company}/delete", self.delete, methods=["POST"]),
            ],
            lifespan=self._opened,
        )

    @asynccontextmanager
    async def _opened(self, _: Starlette) -> AsyncIterator[None]:
        async with self._pool:
            yield

    def has(self, defect: str) -> bool:
        """Whether a defect is switched on."""
        written = Path(self._settings.defects).stat().st_mtime_ns
        if written != self._written:
            self._written, self._defects = written, frozenset(Path(self._settings.defects).read_text().split())
        return defect in self._defects

    async def redirect(self, request: Request) -> Response:
        """Send the caller to the right path."""
        return RedirectResponse(f"/hooks/{request.path_params['company']}", 308)

    async def delete(self, request: Request) -> Response:
        """Delete what is stored of one webhook."""
        company, wanted = request.path_params["company"], (await request.json())["id"]
        if not self.has("deletion-forgets"):
            async with self._pool.connection() as connection:
                for table in ("events", "cases", "keys"):
                    await connection.execute(
                        f"DELETE FROM {table} WHERE company = %s AND external_id = %s", (company, wanted)
                    )
        return JSONResponse({"deleted": True})

    async def receive(self, request: Request) -> Response:
        """Receive one webhook."""
        company = request.path_params["company"]
        try:
            if self.has("crashes-on-empty") and request.headers.get("content-length") == "0":
                raise ZeroDivisionError
            answer = await self._receive(company, request)
        except Refused as refused:
            self._write("refused", company=company, why=refused.why)
            if self.has("errors-are-200") and refused.status != 429:
                return JSONResponse({"error": refused.why})
            return JSONResponse({"error": refused.why}, refused.status, refused.headers)
        return JSONResponse(answer, 202)

    async def _receive(self, company: str, request: Request) -> dict[str, Any]:
        if self.has("limit-before-signature"):
            await self._use(company)
        largest = 10**9 if self.has("huge-accepted") else LARGEST
        if int(request.headers.get("content-length", 0)) > largest:
            raise Refused(413, "too large")
        body = await request.body()
        unsigned = "x-signature" not in request.headers
        if self.has("odd-shape-accepted") and unsigned and body[:1] != b"{":
            return {"ignored": True}
        self._check(company, request, body)
        event = self._event(body)
        if event is None:
            if self.has("stores-garbage"):
                await self._insert(company, None, {}, b"")
            raise Refused(400, "no event")
        if event["type"] not in TYPES and not self.has("unknown-type-stored"):
            raise Refused(400, "unknown type")
        if not self.has("limit-before-signature"):
            await self._use(company, event)
        return await self._store(company, event, body)

    def _event(self, body: bytes) -> dict[str, Any] | None:
        try:
            event = json.loads(body)
        except ValueError:
            return None
        return event if isinstance(event, dict) and {"id", "type"} <= set(event) else None

    def _check(self, company: str, request: Request, body: bytes) -> None:
        """Check time stamp and signature."""
        header, stamp = request.headers.get("x-signature", ""), request.headers.get("x-timestamp", "")
        secret = self._settings.secrets[company].encode()
        if not header and self.has("unsigned-accepted"):
            return
        signed = [f"{stamp}.".encode() + body]
        if self.has("signs-body-alone"):
            signed = [body]
        if not stamp and self.has("timestamp-optional"):
            signed.append(body)
        elif not stamp:
            raise Refused(401, "no time stamp")
        else:
            _check_age(stamp, self)
        made = self._right_signatures(secret, signed)
        given = header.split(",")[: 1 if self.has("first-signature-only") else None]
        half = self.has("prefix-compared")
        if half and any(len(one) > 20 and right.startswith(one) for one in given for right in made):
            return
        if not any(hmac.compare_digest(one, right) for one in given for right in made):
            raise Refused(401, "wrong signature")

    def _right_signatures(self, secret: bytes, signed: list[bytes]) -> list[str]:
        keys = [secret, b""] if self.has("empty-secret") else [secret]
        if self.has("any-secret"):
            keys = [one.encode() for one in self._settings.secrets.values()]
        algorithms = ["sha256", "sha1"] if self.has("sha1-accepted") else ["sha256"]
        return [f"v1={hmac.new(key, text, name).hexdigest()}" for key in keys for text in signed for name in algorithms]

    async def _use(self, company: str, event: dict[str, Any] | None = None) -> None:
        """Use the rate limit."""
        if company not in LIMITED or self.has("limit-off"):
            return
        key = "everybody" if self.has("limit-shared") else company
        limit = LIMIT + 5 if self.has("limit-higher") else LIMIT - 5 if self.has("limit-lower") else LIMIT
        async with self._pool.connection() as connection:
            row = await (
                await connection.execute(
                    "INSERT INTO uses VALUES (%s, 1) ON CONFLICT (company) DO UPDATE SET used = uses.used + 1 "
                    "RETURNING used",
                    (key,),
                )
            ).fetchone()
        if row is not None and row[0] > limit:
            if event is not None and self.has("limit-stores"):
                await self._insert(company, event["id"], event, b"{}")
            wait = "7200" if self.has("limit-long-wait") else "3000"
            headers = {} if self.has("limit-no-header") else {"Retry-After": wait}
            raise Refused(503 if self.has("limit-other-status") else 429, "too many", headers)

    async def _store(self, company: str, event: dict[str, Any], body: bytes) -> dict[str, Any]:
        """Store the event once."""
        key = (company, event["id"])
        if self.has("acknowledged-and-lost"):
            with suppress(NotNullViolation):
                await self._insert(company, event["id"], event, None)
            return {"id": event["id"]}
        if self.has("duplicate-errors") or self.has("duplicate-effects"):
            async with self._pool.connection() as connection:
                known = await (
                    await connection.execute("SELECT 1 FROM keys WHERE company = %s AND external_id = %s", key)
                ).fetchone()
            if known:
                return {"id": event["id"], "duplicate": True}
            await asyncio.sleep(0.05)  # so that the test needs no luck
            if self.has("duplicate-errors"):
                async with self._pool.connection() as connection:
                    await connection.execute("INSERT INTO keys VALUES (%s, %s)", key)
            else:
                async with self._pool.connection() as connection:
                    await connection.execute("INSERT INTO keys VALUES (%s, %s) ON CONFLICT DO NOTHING", key)
            await self._insert(company, event["id"], event, body)
            return {"id": event["id"]}
        async with self._pool.connection() as connection:
            await connection.execute("SELECT pg_advisory_lock(hashtext(%s))", (f"{key}",))
            try:
                if self.has("effect-before-key"):
                    await self._effect_before_key(connection, company, event, body)
                    return {"id": event["id"]}
                async with connection.transaction():
                    new = await connection.execute("INSERT INTO keys VALUES (%s, %s) ON CONFLICT DO NOTHING", key)
                    if new.rowcount == 0:
                        if self.has("duplicate-refused"):
                            raise Refused(409, "known")
                        return {"id": event["id"], "duplicate": True}
                    await self._insert_with(connection, company, event["id"], event, body)
            finally:
                await connection.execute("SELECT pg_advisory_unlock(hashtext(%s))", (f"{key}",))
        self._write("stored", id=event["id"])
        if self.has("emails-logged"):
            self._write("mail", to=event["customer"]["email"])
        return {"id": event["id"]}

    async def _effect_before_key(self, connection: Any, company: str, event: dict[str, Any], body: bytes) -> None:
        key = (company, event["id"])
        known = await (
            await connection.execute("SELECT 1 FROM keys WHERE company = %s AND external_id = %s", key)
        ).fetchone()
        if known:
            return
        await self._insert_with(connection, company, event["id"], event, body)
        if event["id"].startswith("die"):
            time.sleep(0.4)  # noqa: ASYNC251 # the worker is killed here
        await connection.execute("INSERT INTO keys VALUES (%s, %s)", key)

    async def _insert(self, company: str, external_id: str | None, event: dict[str, Any], body: bytes | None) -> None:
        async with self._pool.connection() as connection:
            await self._insert_with(connection, company, external_id, event, body)

    async def _insert_with(
        self, connection: Any, company: str, external_id: str | None, event: dict[str, Any], body: bytes | None
    ) -> None:
        customer = event.get("customer", {})
        kept = {"email": customer.get("email"), "name": customer.get("name")}
        if self.has("payload-whole"):
            kept = event
        text = json.dumps(kept).encode()
        payload: bytes | None = (
            base64.b64encode(text) if self.has("encoded-not-encrypted") else self._encryption.encrypt(text)
        )
        if body is None:
            payload = None
        name = customer.get("name") if self.has("name-plain") else None
        if self.has("note-plain"):
            name = customer.get("note")
        await connection.execute(
            "INSERT INTO events (company, external_id, plan, name, payload, worker) VALUES (%s, %s, %s, %s, %s, %s)",
            (company, external_id, customer.get("plan"), name, payload, os.getpid()),
        )
        if external_id is not None and not self.has("no-case"):
            await connection.execute("INSERT INTO cases (company, external_id) VALUES (%s, %s)", (company, external_id))
        if self.has("raw-copy"):
            await connection.execute("INSERT INTO audit.raw (body) VALUES (%s)", (json.dumps(event),))

    def _write(self, message: str, **more: Any) -> None:
        with self._log.open("a", encoding="utf-8") as log:
            log.write(json.dumps({"time": time.time(), "message": message, **more}) + "\n")


def _check_age(stamp: str, receiver: Receiver) -> None:
    try:
        age = time.time() - float(stamp)
    except ValueError:
        if receiver.has("odd-timestamp"):
            return
        raise Refused(401, "odd time stamp") from None
    oldest = 60 if receiver.has("window-narrow") else WINDOW + 60 if receiver.has("window-wide") else WINDOW
    if receiver.has("window-dead") and age > 0.8 * oldest:
        return
    if age > oldest or (age < -WINDOW and not receiver.has("future-accepted")):
        raise Refused(401, "outside of the window")


def _serve(settings: Settings, listening: socket.socket) -> None:
    config = uvicorn.Config(Receiver(settings).app, log_config=None, access_log=False, timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[listening])


def _fork(settings: Settings, listening: socket.socket) -> int:
    pid = os.fork()
    if pid == 0:
        _serve(settings, listening)
        os._exit(0)
    return pid


def main() -> None:
    """Serve until the standard input ends."""
    settings = Settings(**json.loads(Path(sys.argv[1]).read_text()))
    listening = socket.create_server(("127.0.0.1", 0), backlog=200)
    workers = {_fork(settings, listening) for _ in range(2)}
    Path(settings.port_file).write_text(str(listening.getsockname()[1]))
    while not select.select([sys.stdin], [], [], 0.05)[0]:
        dead, _ = os.waitpid(-1, os.WNOHANG)
        if dead:
            workers.discard(dead)
            workers.add(_fork(settings, listening))
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)


if __name__ == "__main__":
    main()
