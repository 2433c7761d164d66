"""The endpoints for health, readiness and metrics."""

import asyncio

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from pytest_examday.platform import metrics
from pytest_examday.platform.dependencies import ServicesDep

router = APIRouter()
_READY_SECONDS = 1.5


@router.get("/health")
async def health() -> Response:
    """200 while the process answers; tells nothing about database and Redis."""
    return JSONResponse({"status": "ok"})


@router.get("/v1/ready")
async def ready(services: ServicesDep) -> Response:
    """Whether exams can be taken: ``degraded`` without Redis, 503 without the database."""
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


@router.get("/metrics")
async def prometheus() -> Response:
    """The metrics of all workers together."""
    return Response(await asyncio.to_thread(metrics.exposition), media_type=CONTENT_TYPE_LATEST)
