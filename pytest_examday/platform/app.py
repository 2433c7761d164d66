"""The exam platform's web application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from psycopg_pool import PoolTimeout

from pytest_examday.platform import (
    routes_admin,
    routes_auth,
    routes_page,
    routes_sessions,
    routes_system,
)
from pytest_examday.platform.context import request_id
from pytest_examday.platform.logs import log_exception
from pytest_examday.platform.parts import Parts, assemble
from pytest_examday.platform.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """The platform without defects."""
    return build_app(settings, Parts())


def build_app(settings: Settings, parts: Parts) -> FastAPI:
    """The application made of ``parts``. Connections are opened when it starts and closed when it ends."""
    services = assemble(settings, parts)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await services.open()
        yield
        await services.close()

    app = FastAPI(title="Exam platform", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.services = services
    for middleware in reversed(parts.middleware):
        app.add_middleware(middleware)
    for module in (routes_system, routes_auth, routes_sessions, routes_admin, routes_page):
        app.include_router(module.router)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(psycopg.OperationalError, _database_away)
    return app


async def _invalid(_request: Request, error: Exception) -> Response:
    """Answer 422 with the problems of the request, but without its values: one of them may be a password."""
    assert isinstance(error, RequestValidationError)
    problems: list[dict[str, Any]] = [
        {"loc": item["loc"], "msg": item["msg"], "type": item["type"]} for item in error.errors()
    ]
    return JSONResponse({"detail": problems}, status_code=422)


async def _database_away(_request: Request, error: Exception) -> Response:
    """Answer 503 where the database cannot be reached or has no free connection; the client may retry after one
    second."""
    log_exception("database_unavailable", error)
    detail = "the database is busy" if isinstance(error, PoolTimeout) else "the database is not available"
    return JSONResponse({"detail": detail, "request_id": request_id()}, status_code=503, headers={"Retry-After": "1"})
