"""Login, rotation of refresh tokens, logout."""

import asyncio
import hashlib
import secrets
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any, LiteralString

from starlette.exceptions import HTTPException

from pytest_examday.platform.database import Database, Queries
from pytest_examday.platform.expiries import LAST_EXPIRY
from pytest_examday.platform.limits import RateLimits
from pytest_examday.platform.passwords import hash_password, verify_password
from pytest_examday.platform.tokens import AccessTokens, Identity, unauthorized

LOGINS_PER_EMAIL = 10
LOGINS_PER_ADDRESS = 3000
_REFRESH_BYTES = 32


class Auth:
    """Accounts and their tokens. Refresh tokens are stored as hashes only."""

    def __init__(self, database: Database, tokens: AccessTokens, limits: RateLimits) -> None:
        self._database = database
        self._tokens = tokens
        self._limits = limits
        self._hashing = ThreadPoolExecutor(max_workers=2, thread_name_prefix="scrypt")
        self._decoy = hash_password(secrets.token_hex())

    async def login(self, email: str, password: str, address: str) -> dict[str, Any]:
        """New tokens. Raises HTTPException 401 for a wrong e-mail or password, 429 for too many logins in a minute."""
        email = email.strip().lower()
        await self._limit(email, address)
        async with self._database.queries() as queries:
            user = await queries.one("SELECT id, role, password_hash FROM users WHERE email = %s", (email,))
        # An unknown e-mail costs the same time as a wrong password.
        stored = user["password_hash"] if user else self._decoy
        if not await self._verify(password, stored) or user is None:
            raise unauthorized("wrong e-mail or password")
        async with self._database.queries() as queries:
            return await self._grant(queries, user["id"], user["role"], uuid.uuid4())

    async def refresh(self, refresh_token: str) -> dict[str, Any]:
        """New tokens in exchange for a refresh token, which cannot be used again.

        Raises HTTPException 401 for a token that is unknown, expired, revoked or used before. A token that was used
        before also revokes all refresh tokens of its login.
        """
        async with self._database.transaction() as queries:
            login = await queries.one(_FIND_REFRESH, (_digest(refresh_token),))
            if login is not None and login["usable"]:
                await queries.run(_ROTATE, (_digest(refresh_token),))
                return await self._grant(queries, login["user_id"], login["role"], login["family_id"])
            if login is not None and login["reused"]:
                await queries.run(_REVOKE_FAMILY, (login["family_id"],))
        raise unauthorized("refresh token is not valid")

    async def logout(self, identity: Identity, refresh_token: str | None) -> None:
        """Revoke the tokens of the login; the user's exams stay as they are.

        Raises HTTPException 503 while Redis is away: then the refresh tokens are revoked, and the access token is not.
        """
        revoked = await self._tokens.revoke(identity)
        async with self._database.queries() as queries:
            await queries.run(_REVOKE_FAMILY, (identity.family_id,))
            if refresh_token is not None:
                await queries.run(_REVOKE_FAMILY_OF, (_digest(refresh_token), identity.user_id))
        if not revoked:
            raise HTTPException(503, "the access token cannot be revoked now", headers={"Retry-After": "5"})

    def close(self) -> None:
        """End the threads that compute hashes."""
        self._hashing.shutdown(wait=False)

    async def _limit(self, email: str, address: str) -> None:
        names = {f"login:email:{email}": LOGINS_PER_EMAIL, f"login:address:{address}": LOGINS_PER_ADDRESS}
        seconds = await self._limits.retry_after(names)
        if seconds is not None:
            raise HTTPException(429, "too many log-ins", headers={"Retry-After": str(seconds)})

    async def _verify(self, password: str, stored: str) -> bool:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._hashing, verify_password, password, stored)

    async def _grant(self, queries: Queries, user_id: uuid.UUID, role: str, family_id: uuid.UUID) -> dict[str, Any]:
        refresh_token = secrets.token_urlsafe(_REFRESH_BYTES)
        stored = await queries.one(_STORE_REFRESH, (_digest(refresh_token), family_id, user_id))
        expiry = 0 if stored is None else int(stored["expiry"])
        return {
            "access_token": self._tokens.issue(user_id, role, family_id, expiry),
            "refresh_token": refresh_token,
            "token_type": "bearer",
            "expires_in": self._tokens.lifetime_seconds,
            "user_id": str(user_id),
        }


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


_STORE_REFRESH: LiteralString = f"""
    INSERT INTO refresh_tokens (token_hash, family_id, user_id, expires_at)
    VALUES (%s, %s, %s, now() + interval '12 hours')
    RETURNING ({LAST_EXPIRY}) AS expiry
"""  # noqa: S608 # a constant within a constant
_FIND_REFRESH = """
    SELECT t.family_id, t.user_id, u.role,
           t.revoked_at IS NULL AND t.rotated_at IS NULL AND t.expires_at > now() AS usable,
           t.rotated_at IS NOT NULL AS reused
    FROM refresh_tokens t JOIN users u ON u.id = t.user_id
    WHERE t.token_hash = %s
    FOR UPDATE OF t
"""
_ROTATE = "UPDATE refresh_tokens SET rotated_at = now() WHERE token_hash = %s"
_REVOKE_FAMILY = """
    UPDATE refresh_tokens SET revoked_at = now() WHERE family_id = %s AND revoked_at IS NULL
"""
_REVOKE_FAMILY_OF = """
    UPDATE refresh_tokens SET revoked_at = now()
    WHERE revoked_at IS NULL AND family_id = (
        SELECT family_id FROM refresh_tokens WHERE token_hash = %s AND user_id = %s
    )
"""
