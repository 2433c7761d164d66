"""The endpoints for login, refresh and logout."""

from typing import Annotated

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pytest_examday.platform.callers import caller_of, services_of
from pytest_examday.platform.request_parts import body_of

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


async def login(request: Request) -> Response:
    """Exchange e-mail and password for tokens."""
    body = await body_of(request, LoginBody)
    address = request.client.host if request.client else "unknown"
    return JSONResponse(await services_of(request).auth.login(body.email, body.password, address))


async def refresh(request: Request) -> Response:
    """Exchange a refresh token for new tokens."""
    body = await body_of(request, RefreshBody)
    return JSONResponse(await services_of(request).auth.refresh(body.refresh_token))


async def logout(request: Request) -> Response:
    """Revoke the tokens of the login; exams stay as they are."""
    identity = await caller_of(request)
    body = await body_of(request, LogoutBody, absent=LogoutBody())
    await services_of(request).auth.logout(identity, body.refresh_token)
    return Response(status_code=204)


ROUTES = (
    Route("/v1/auth/login", login, methods=["POST"]),
    Route("/v1/auth/refresh", refresh, methods=["POST"]),
    Route("/v1/auth/logout", logout, methods=["POST"]),
)
