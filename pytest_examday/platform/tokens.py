"""Access tokens: short-lived and signed. One can be revoked while Redis is there; all together can be expired at any
time."""

import time
import uuid
from dataclasses import dataclass

import jwt
from redis.asyncio import Redis
from starlette.exceptions import HTTPException

from pytest_examday.platform.expiries import Expiries
from pytest_examday.platform.redis_gate import RedisGate
from pytest_examday.platform.settings import Settings

_ALGORITHM = "HS256"
_CLAIMS = ["sub", "role", "jti", "fam", "exp"]


@dataclass(frozen=True, slots=True)
class Identity:
    """The caller, as the access token names them."""

    user_id: uuid.UUID
    role: str
    token_id: str
    family_id: uuid.UUID
    expires_at: int


class AccessTokens:
    """Issues, checks and revokes JWTs (HS256)."""

    def __init__(self, settings: Settings, redis: RedisGate, expiries: Expiries) -> None:
        self._expiries = expiries
        self._secret = settings.jwt_secret
        self._lifetime = settings.access_token_seconds
        self._redis = redis

    @property
    def lifetime_seconds(self) -> int:
        """The seconds for which a new token is valid."""
        return self._lifetime

    def issue(self, user_id: uuid.UUID, role: str, family_id: uuid.UUID, expiry: int) -> str:
        """A new access token for one login.

        ``family_id`` names the refresh tokens of the login; ``expiry`` is the number of the last expiry in the
        database.
        """
        now = int(time.time())
        claims = {
            "sub": str(user_id),
            "role": role,
            "jti": uuid.uuid4().hex,
            "fam": str(family_id),
            "era": expiry,
            "iat": now,
            "exp": now + self._lifetime,
        }
        return jwt.encode(claims, self._secret, algorithm=_ALGORITHM)

    async def identify(self, token: str) -> Identity:
        """The identity that the token proves. Raises HTTPException 401 if it is forged, expired or revoked."""
        try:
            claims = jwt.decode(token, self._secret, algorithms=[_ALGORITHM], options={"require": _CLAIMS})
            identity = Identity(
                user_id=uuid.UUID(claims["sub"]),
                role=str(claims["role"]),
                token_id=str(claims["jti"]),
                family_id=uuid.UUID(claims["fam"]),
                expires_at=int(claims["exp"]),
            )
            expired = int(claims.get("era", 0)) < self._expiries.last
        except jwt.ExpiredSignatureError as error:
            raise unauthorized("token expired") from error
        except (jwt.InvalidTokenError, ValueError) as error:
            raise unauthorized("invalid token") from error
        if expired:
            raise unauthorized("token expired")
        if await self._is_revoked(identity):
            raise unauthorized("token revoked")
        return identity

    async def revoke(self, identity: Identity) -> bool:
        """Refuse the token from now on, until its own expiry; False while Redis is away, which has to remember it."""
        seconds = max(1, identity.expires_at - int(time.time()))

        async def work(redis: Redis) -> bool:
            return bool(await redis.set(f"revoked:{identity.token_id}", "1", ex=seconds))

        return await self._redis.attempt("revoke_token", work, False)

    async def _is_revoked(self, identity: Identity) -> bool:
        async def work(redis: Redis) -> bool:
            return bool(await redis.exists(f"revoked:{identity.token_id}"))

        return await self._redis.attempt("check_revocation", work, False)


def unauthorized(detail: str) -> HTTPException:
    """HTTP 401 with the authentication scheme."""
    return HTTPException(401, detail, headers={"WWW-Authenticate": "Bearer"})
