"""Expired tokens lock people out: who was logged in when they expired is given no new ones."""

from dataclasses import replace
from typing import Any, LiteralString

from starlette.exceptions import HTTPException

from pytest_examday.platform.auth import Auth
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings
from pytest_examday.platform.tokens import unauthorized

_LOGGED_IN_WHEN_THEY_EXPIRED: LiteralString = """
    SELECT 1 FROM refresh_tokens t JOIN users u ON u.id = t.user_id
    WHERE {} AND t.created_at < (SELECT max(started_at) FROM job_runs WHERE name = 'expire_tokens')
"""


class LockingAuth(Auth):
    """Takes the old log-in for one that is still good."""

    async def login(self, email: str, password: str, address: str) -> dict[str, Any]:
        """HTTPException 403 for who is logged in already."""
        if await self._locked("u.email = %s", email):
            raise HTTPException(403, "logged in already")
        return await super().login(email, password, address)

    async def refresh(self, refresh_token: str) -> dict[str, Any]:
        """HTTPException 401 for a token from before."""
        if await self._locked("t.token_hash = sha256(%s::text::bytea)", refresh_token):
            raise unauthorized("refresh token is not valid")
        return await super().refresh(refresh_token)

    async def _locked(self, condition: LiteralString, value: str) -> bool:
        async with self._database.queries() as queries:
            return await queries.one(_LOGGED_IN_WHEN_THEY_EXPIRED.format(condition), (value,)) is not None


def plant(parts: Parts, _settings: Settings) -> Parts:
    """People who need a support line."""
    return replace(parts, auth=LockingAuth)
