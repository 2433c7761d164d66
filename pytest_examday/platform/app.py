"""The exam platform's web application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg_pool import PoolTimeout
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pytest_examday.platform import (
    routes_admin,
    routes_auth,
    routes_page,
    routes_sessions,
    routes_system,
)
from pytest_examday.platform.context import request_id
from pytest_examday.platform.invalid_request import InvalidRequest
from pytest_examday.platform.logs import log_exception
from pytest_examday.platform.parts import Parts, assemble
from pytest_examday.platform.settings import Settings


def create_app(settings: Settings) -> Starlette:
    """The platform without defects."""
    return build_app(settings, Parts())


def build_app(settings: Settings, parts: Parts) -> Starlette:
    """The application made of ``parts``. Connections are opened when it starts and closed when it ends."""
    services = assemble(settings, parts)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await services.open()
        yield
        await services.close()

    modules = (routes_system, routes_auth, routes_sessions, routes_admin, routes_page)
    app = Starlette(
        routes=[route for module in modules for route in module.ROUTES],
        middleware=[Middleware(middleware) for middleware in parts.middleware],
        exception_handlers={
            HTTPException: _refused,
            InvalidRequest: _invalid,
            psycopg.OperationalError: _database_away,
        },
        lifespan=lifespan,
    )
    app.state.services = services
    return app


async def _refused(_request: Request, error: Exception) -> Response:
    """Reply with the status, words and headers of the refusal."""
    assert isinstance(error, HTTPException)
    return JSONResponse({"detail": error.detail}, status_code=error.status_code, headers=error.headers)


async def _invalid(_request: Request, error: Exception) -> Response:
    """Reply 422 with the problems of the request."""
    assert isinstance(error, InvalidRequest)
    return JSONResponse({"detail": error.problems}, status_code=422)


async def _database_away(_request: Request, error: Exception) -> Response:
    """Reply 503 if the database cannot be reached or has no free connection; the client may retry after one
    second."""
    log_exception("database_unavailable", error)
    detail = "the database is busy" if isinstance(error, PoolTimeout) else "the database is not available"
    return JSONResponse({"detail": detail, "request_id": request_id()}, status_code=503, headers={"Retry-After": "1"})
