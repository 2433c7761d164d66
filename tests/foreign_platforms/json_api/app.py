"""The API of one worker: its state, what administrators do, its log of requests, and the other routes."""

import os
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.foreign_platforms.json_api import accounts, exams
from tests.foreign_platforms.json_api.worker import Here, Refusal, Sent, Worker, log, told
from tests.foreign_platforms.postgres import one

_REQUEST_ID = "X-Correlation"
router = APIRouter(prefix="/api")
admin = APIRouter(prefix="/api/admin", dependencies=[Depends(accounts.admin_only)])


class _ExamMode(BaseModel):
    enabled: bool


@router.get("/ping")
async def ping() -> dict[str, Any]:
    """This worker lives."""
    return told("ping")


@router.get("/status")
async def status(worker: Here) -> dict[str, Any]:
    """Whether this worker can serve exams; always HTTP 200."""
    try:
        async with worker.pool.connection(timeout=1.0) as connection:
            await connection.execute("SELECT 1")
        database = True
    except psycopg.OperationalError:
        database = False
    cache = await worker.counted("looks") > 0
    return told("status", state="up" if database else "down", database=database, cache=cache)


@admin.get("/exam-mode")
async def read_exam_mode(worker: Here) -> dict[str, Any]:
    """Exam mode as this worker sees it."""
    return told("exam-mode", enabled=await worker.exam_mode())


@admin.put("/exam-mode")
async def set_exam_mode(sent: Sent[_ExamMode], worker: Here) -> dict[str, Any]:
    """Switch exam mode; the other worker sees it within 2 s."""
    enabled = sent.data.attributes.enabled
    async with worker.pool.connection() as connection:
        await connection.execute("UPDATE switches SET is_on = %s WHERE name = 'exam mode'", (enabled,))
    worker.remember_exam_mode(enabled)
    return told("exam-mode", enabled=enabled)


@admin.post("/chores/{name}", status_code=201)
async def chore(name: str, worker: Here) -> dict[str, Any]:
    """A protected operation, such as `recount` or `newsletter`; refused in exam mode."""
    if await worker.exam_mode():
        raise Refusal(423, "exam_mode")
    async with worker.pool.connection() as connection:
        row = await one(connection, "INSERT INTO chores (name) VALUES (%s) RETURNING id, name", name)
    return told("chore", **(row or {}))


@admin.get("/overview")
async def overview(worker: Here) -> dict[str, Any]:
    """How many exams there are in each state; goes on in exam mode."""
    async with worker.pool.connection() as connection:
        found = await connection.execute("SELECT state, count(*) AS papers FROM papers GROUP BY state")
        return told("overview", **{row["state"]: row["papers"] for row in await found.fetchall()})


class _RequestLog:
    """Writes a line for each request, and sends its id back."""

    def __init__(self, app: ASGIApp, *, with_id: bool) -> None:
        self._app = app
        self._with_id = with_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, code = time.monotonic(), 500
        request_id = Headers(scope=scope).get(_REQUEST_ID) or uuid.uuid4().hex

        async def sending(message: Message) -> None:
            nonlocal code
            if message["type"] == "http.response.start":
                code = message["status"]
                MutableHeaders(scope=message)[_REQUEST_ID] = request_id
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            log(
                "ERROR" if code >= 500 else "INFO",
                req=request_id if self._with_id else None,
                path=getattr(scope.get("route"), "path", None),
                verb=scope["method"],
                code=code,
                dur_s=round(time.monotonic() - began, 6),
                who=scope["state"].get("who"),
            )


async def _refuse(_: Request, refusal: Exception) -> JSONResponse:
    assert isinstance(refusal, Refusal)
    log("WARN", refusal, event="refused")
    return JSONResponse({"errors": [{"code": refusal.code}]}, refusal.status)


async def _without_database(_: Request, error: Exception) -> JSONResponse:
    log("ERROR", error, event="database away")
    return JSONResponse({"errors": [{"code": "away"}]}, 503)


def create() -> FastAPI:
    """The application of the worker that the environment describes."""
    worker = Worker(os.environ)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await worker.pool.open(wait=False)
        log("INFO", event="started")
        yield
        await worker.close()

    app = FastAPI(title="Exams", lifespan=lifespan)
    app.state.worker = worker
    app.add_middleware(_RequestLog, with_id="lines-without-id" not in worker.defects)
    app.add_exception_handler(Refusal, _refuse)
    app.add_exception_handler(psycopg.OperationalError, _without_database)
    for part in (router, accounts.router, exams.router, admin):
        app.include_router(part)
    return app
