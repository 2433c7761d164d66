"""The endpoints for health, readiness and metrics."""

import asyncio

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pytest_examday.webhook_service import metrics
from pytest_examday.webhook_service.parts import Services


async def health(request: Request) -> Response:
    """The state of every part; 503 if webhooks cannot be stored."""
    services: Services = request.app.state.services
    told = await services.status.health()
    return JSONResponse(told, status_code=503 if told["status"] == "down" else 200)


async def ready(request: Request) -> Response:
    """200 if webhooks can be taken in now, otherwise 503."""
    services: Services = request.app.state.services
    is_ready = await services.status.ready()
    return JSONResponse({"status": "ready" if is_ready else "down"}, status_code=200 if is_ready else 503)


async def prometheus(_request: Request) -> Response:
    """The metrics of all processes together."""
    return Response(await asyncio.to_thread(metrics.exposition), media_type=CONTENT_TYPE_LATEST)


ROUTES = (Route("/health", health), Route("/ready", ready), Route("/metrics", prometheus))
