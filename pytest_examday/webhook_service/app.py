"""The web application of a worker."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg_pool import PoolTimeout
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pytest_examday.local_servers.json_logs import log_event
from pytest_examday.webhook_service import routes_admin, routes_system, routes_webhooks
from pytest_examday.webhook_service.context import request_id
from pytest_examday.webhook_service.parts import Parts, assemble
from pytest_examday.webhook_service.settings import Settings


def build_app(settings: Settings, parts: Parts, name: str) -> Starlette:
    """The application of the worker `name`. Connections are opened when it starts and closed when it ends."""
    services = assemble(settings, parts, name)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await services.open()
        yield
        await services.close()

    modules = (routes_webhooks, routes_admin, routes_system)
    app = Starlette(
        routes=[route for module in modules for route in module.ROUTES],
        middleware=[Middleware(middleware) for middleware in parts.middleware],
        exception_handlers={
            HTTPException: _refused,
            psycopg.OperationalError: _database_away,
            PoolTimeout: _database_away,
        },
        lifespan=lifespan,
    )
    app.state.services = services
    return app


async def _refused(_request: Request, error: Exception) -> Response:
    """Reply with the status, words and headers of the refusal."""
    assert isinstance(error, HTTPException)
    return JSONResponse({"detail": error.detail}, status_code=error.status_code, headers=error.headers)


async def _database_away(_request: Request, error: Exception) -> Response:
    """Reply 503 if the database cannot be reached or has no free connection; the sender may retry after one second."""
    log_event(logging.ERROR, "database_unavailable", error=type(error).__name__, request_id=request_id())
    body = {"detail": "the database is not available", "request_id": request_id()}
    return JSONResponse(body, status_code=503, headers={"Retry-After": "1"})
