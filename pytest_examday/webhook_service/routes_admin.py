"""The endpoints of administrators: jobs that are started by hand, and their status."""

import hmac
import logging
from dataclasses import asdict
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pytest_examday.local_servers.json_logs import log_event
from pytest_examday.webhook_service.context import request_id
from pytest_examday.webhook_service.event import is_storable
from pytest_examday.webhook_service.parts import Services
from pytest_examday.webhook_service.retention import as_json
from pytest_examday.webhook_service.security_log import log_security


def administered(request: Request) -> Services:
    """The services of this worker, for an administrator. Raises HTTPException 401 without the administrator's token."""
    services: Services = request.app.state.services
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(
        token.strip().encode(), services.settings.admin_token.encode()
    ):
        log_security("not_an_administrator", route=request.url.path)
        raise HTTPException(401, "not authenticated", headers={"WWW-Authenticate": "Bearer"})
    return services


async def run_scheduler(request: Request) -> Response:
    """One pass over all companies, or over the `company` of the body; replies with what it did."""
    services = administered(request)
    company = (await _body(request)).get("company")
    ran = await services.scheduler.run(None if company is None else _uuid(company))
    return JSONResponse(asdict(ran))


async def scheduler_status(request: Request) -> Response:
    """When the schedulers ran last, and what waits in the queue."""
    return JSONResponse(await administered(request).status.scheduler())


async def run_retention(request: Request) -> Response:
    """Remove what is too old; replies with what was removed."""
    removed = await administered(request).retention.run()
    log_event(logging.INFO, "retention", request_id=request_id(), **as_json(removed))
    return JSONResponse(as_json(removed))


async def forget_person(request: Request) -> Response:
    """Remove everything about the `person` of a `company`; replies with what was removed."""
    services = administered(request)
    body = await _body(request)
    person = body.get("person")
    if not isinstance(person, str) or not person or not is_storable(person):
        raise HTTPException(400, "person must be a text")
    forgotten = await services.retention.forget(_uuid(body.get("company")), person)
    log_security("person_forgotten", **as_json(forgotten))
    return JSONResponse(as_json(forgotten))


async def _body(request: Request) -> dict[str, Any]:
    if not await request.body():
        return {}
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        raise HTTPException(400, "the body is not JSON") from None
    if not isinstance(body, dict):
        raise HTTPException(400, "the body is not a JSON object")
    return body


def _uuid(value: object) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise HTTPException(400, "company must be the id of a company") from None


ROUTES = (
    Route("/scheduler/run", run_scheduler, methods=["POST"]),
    Route("/scheduler/status", scheduler_status),
    Route("/jobs/retention", run_retention, methods=["POST"]),
    Route("/privacy/deletions", forget_person, methods=["POST"]),
)
