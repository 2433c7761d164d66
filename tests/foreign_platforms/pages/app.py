"""The application of one worker: its routes, and how refusals and a lost database are shown."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.foreign_platforms.pages import attempts, people, staff
from tests.foreign_platforms.pages.log import AccessLog, begin, logger
from tests.foreign_platforms.pages.rendering import page
from tests.foreign_platforms.pages.worker import Worker, worker_of


async def _up(_: Request) -> Response:
    """This worker lives."""
    return PlainTextResponse("up")


async def _ready(request: Request) -> Response:
    """Whether this worker reaches its database."""
    try:
        async with worker_of(request).pool.connection(timeout=1.0) as connection:
            await connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return PlainTextResponse("no database", 503)
    return PlainTextResponse("ready")


async def _refuse(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, HTTPException)
    logger.warning("refused", exc_info=refusal)
    response = page(request, "refusal", refusal.status_code, why=refusal.detail)
    response.headers.update(refusal.headers or {})
    return response


async def _to_enter(_: Request, __: Exception) -> Response:
    return RedirectResponse("/enter", 303)


async def _without_database(request: Request, error: Exception) -> Response:
    logger.error("the database is away", exc_info=error)
    return page(request, "refusal", 503, why="The database is away.")


_ROUTES = [
    Route("/up", _up),
    Route("/ready", _ready),
    Route("/enter", people.show_enter),
    Route("/enter", people.enter, methods=["POST"]),
    Route("/leave", people.leave, methods=["POST"]),
    Route("/exams", attempts.show_all),
    Route("/exams", attempts.begin, methods=["POST"]),
    Route("/exams/{attempt:int}", attempts.show),
    Route("/exams/{attempt:int}/answers", attempts.answer, methods=["POST"]),
    Route("/exams/{attempt:int}/finish", attempts.finish, methods=["POST"]),
    Route("/exams/{attempt:int}/result", attempts.show_result),
    Route("/staff", staff.show_staff),
    Route("/staff/mode", staff.show_staff),
    Route("/staff/mode", staff.switch, methods=["POST"]),
    Route("/staff/recalculate", staff.recalculate, methods=["POST"]),
    Route("/staff/mails", staff.mails, methods=["POST"]),
]


def create() -> Starlette:
    """The application of the worker that the environment describes."""
    worker = Worker(os.environ)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        begin()
        await worker.pool.open(wait=False)
        logger.info("started")
        yield
        await worker.pool.close()

    app = Starlette(
        routes=_ROUTES,
        lifespan=lifespan,
        middleware=[Middleware(AccessLog, gaps="lines-missing" in worker.defects)],
        exception_handlers={
            HTTPException: _refuse,
            people.NotLoggedIn: _to_enter,
            psycopg.OperationalError: _without_database,
        },
    )
    app.state.worker = worker
    return app
