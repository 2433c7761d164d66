"""The FastAPI dependencies of endpoints: the worker's services and the identity of the caller."""

from typing import Annotated

from fastapi import Depends, Header, HTTPException, Request

from pytest_examday.platform.context import current_request
from pytest_examday.platform.parts import Services
from pytest_examday.platform.tokens import Identity, unauthorized


def get_services(request: Request) -> Services:
    """The services of this worker."""
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(get_services)]


async def get_identity(services: ServicesDep, authorization: Annotated[str | None, Header()] = None) -> Identity:
    """The identity of the caller. Raises HTTPException 401 without a valid access token."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorized("not authenticated")
    identity = await services.tokens.identify(token.strip())
    context = current_request.get()
    if context is not None:
        context.user_id = str(identity.user_id)
    return identity


IdentityDep = Annotated[Identity, Depends(get_identity)]


async def get_admin(identity: IdentityDep) -> Identity:
    """The identity of the caller, who must be an administrator. Raises HTTPException 403 for anyone else."""
    if identity.role != "admin":
        raise HTTPException(403, "admin only")
    return identity


AdminDep = Annotated[Identity, Depends(get_admin)]
