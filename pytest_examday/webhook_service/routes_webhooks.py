"""The endpoint that takes webhooks in."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pytest_examday.webhook_service import metrics
from pytest_examday.webhook_service.event import BadEvent
from pytest_examday.webhook_service.parts import Services
from pytest_examday.webhook_service.rate_limit import TooMany
from pytest_examday.webhook_service.security_log import log_security
from pytest_examday.webhook_service.signatures import BadSignature


async def webhook(request: Request) -> Response:
    """202 with the event's id once it is stored; 400, 401 and 429 store nothing."""
    services: Services = request.app.state.services
    company = request.path_params["company"]
    try:
        stored = await services.intake.take(company, request.headers, await request.body())
    except BadSignature as refusal:
        metrics.EVENTS.labels("refused").inc()
        log_security(str(refusal), company=company[:36])
        return JSONResponse({"detail": "the signature or time stamp is not valid"}, status_code=401)
    except BadEvent as problem:
        metrics.EVENTS.labels("malformed").inc()
        return JSONResponse({"detail": str(problem)}, status_code=400)
    except TooMany as limit:
        metrics.EVENTS.labels("limited").inc()
        log_security("rate_limited", company=company)
        headers = {"Retry-After": str(limit.seconds)}
        return JSONResponse({"detail": "too many webhooks in this hour"}, status_code=429, headers=headers)
    metrics.EVENTS.labels("duplicate" if stored.duplicate else "stored").inc()
    if not stored.duplicate:
        await services.wake.ring()
    return JSONResponse({"id": str(stored.id), "duplicate": stored.duplicate}, status_code=202)


ROUTES = (Route("/webhooks/{company}", webhook, methods=["POST"]),)
