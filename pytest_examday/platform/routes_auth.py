"""The endpoints for login, refresh and logout."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from pytest_examday.platform.dependencies import IdentityDep, ServicesDep

router = APIRouter()

Secret = Annotated[str, Field(min_length=1, max_length=512)]


class LoginBody(BaseModel):
    """Credentials of one account."""

    email: Annotated[str, Field(min_length=3, max_length=254)]
    password: Secret


class RefreshBody(BaseModel):
    """The refresh token to exchange."""

    refresh_token: Secret


class LogoutBody(BaseModel):
    """Optionally a refresh token; all refresh tokens of its login are revoked too."""

    refresh_token: Secret | None = None


@router.post("/v1/auth/login")
async def login(body: LoginBody, request: Request, services: ServicesDep) -> Response:
    """Exchange e-mail and password for tokens."""
    address = request.client.host if request.client else "unknown"
    return JSONResponse(await services.auth.login(body.email, body.password, address))


@router.post("/v1/auth/refresh")
async def refresh(body: RefreshBody, services: ServicesDep) -> Response:
    """Exchange a refresh token for new tokens."""
    return JSONResponse(await services.auth.refresh(body.refresh_token))


@router.post("/v1/auth/logout")
async def logout(identity: IdentityDep, services: ServicesDep, body: LogoutBody | None = None) -> Response:
    """Revoke the tokens of the login; exams stay as they are."""
    await services.auth.logout(identity, body.refresh_token if body else None)
    return Response(status_code=204)
