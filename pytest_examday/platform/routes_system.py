"""The endpoints for health, readiness and metrics."""

import asyncio

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pytest_examday.platform import metrics
from pytest_examday.platform.callers import services_of

_READY_SECONDS = 1.5


async def health(_request: Request) -> Response:
    """200 while the process answers; tells nothing about database and Redis."""
    return JSONResponse({"status": "ok"})


async def ready(request: Request) -> Response:
    """Whether exams can be taken: ``degraded`` without Redis, 503 without the database."""
    services = services_of(request)
    database, redis = await asyncio.gather(services.database.ping(_READY_SECONDS), services.redis.ping())
    status = "down" if not database else "ready" if redis else "degraded"
    body = {
        "status": status,
        "database": "ok" if database else "down",
        "redis": "ok" if redis else "down",
        "exam_mode": services.settings.exam_mode,
        "worker": services.settings.worker,
    }
    return JSONResponse(body, status_code=200 if database else 503)


async def prometheus(_request: Request) -> Response:
    """The metrics of all workers together."""
    return Response(await asyncio.to_thread(metrics.exposition), media_type=CONTENT_TYPE_LATEST)


ROUTES = (
    Route("/health", health),
    Route("/v1/ready", ready),
    Route("/metrics", prometheus),
)
