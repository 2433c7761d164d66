"""The services that a request uses, and who sent it."""

from starlette.exceptions import HTTPException
from starlette.requests import Request

from pytest_examday.platform.context import current_request
from pytest_examday.platform.parts import Services
from pytest_examday.platform.tokens import Identity, unauthorized


def services_of(request: Request) -> Services:
    """The services of this worker."""
    services: Services = request.app.state.services
    return services


async def caller_of(request: Request) -> Identity:
    """The identity of the caller. Raises HTTPException 401 without a valid access token."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorized("not authenticated")
    identity = await services_of(request).tokens.identify(token.strip())
    context = current_request.get()
    if context is not None:
        context.user_id = str(identity.user_id)
    return identity


async def administrator_of(request: Request) -> Identity:
    """The identity of the caller, who must be an administrator. Raises HTTPException 403 for anyone else, and 401
    without a valid access token."""
    identity = await caller_of(request)
    if identity.role != "admin":
        raise HTTPException(403, "admin only")
    return identity
