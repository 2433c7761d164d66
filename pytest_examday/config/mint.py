"""Tokens (JWT) that the rehearsal signs itself, for a platform that trusts whoever has its key."""

import time
import uuid
import warnings
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, JsonValue, SecretStr, model_validator

from pytest_examday.config.configuration_file import Table, folder_of
from pytest_examday.config.mistakes import Mistakes, Place
from pytest_examday.config.text_file import UnreadableFile, read_text
from pytest_examday.config.validated_record import validated_record
from pytest_examday.config.validation_errors import unknown_key
from pytest_examday.contract.templates import fill
from pytest_examday.contract.vocabulary import Mistake, unknown_placeholders
from pytest_examday.record import Record
from pytest_examday.several_mistakes import several_mistakes

Algorithm = Literal[
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]
_SECRET = "HS"  # noqa: S105 # how the algorithms begin that sign with a secret
_OWN_CLAIMS = ("iat", "exp")
"""Claims that every token gets: when it was made and when it ends."""
_ALWAYS = ("email", "uuid", "now")
EXTRA = "tokens are signed with PyJWT; install pytest-examday[tokens]"


class Signer(Record):
    """Signs tokens. `key` is the secret or the private key, in the clear; `lifetime` is in seconds."""

    key: str = Field(repr=False)
    algorithm: Algorithm
    claims: dict[str, JsonValue]
    headers: dict[str, str]
    lifetime: int

    def token(self, email: str, own_id: str | None) -> str:
        """A token that is valid from now, for the person with this address, and with this id if the account has one."""
        return self._signed({"email": email, "id": own_id, "uuid": str(uuid.uuid4()), "now": int(time.time())})

    def _signed(self, values: dict[str, Any]) -> str:
        import jwt

        now = int(time.time())
        claims = {"iat": now, "exp": now + self.lifetime, **fill(self.claims, values)}
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="The HMAC key is")  # the platform decides how long the key is
            return str(jwt.encode(claims, self.key, self.algorithm, headers=dict(self.headers) or None))


class Mint(Record):
    """How tokens are signed: `secret` for the algorithms HS256 to HS512, otherwise `key_file`, a private key in PEM.

    `claims` may hold `{email}`, `{id}`, `{uuid}` (another one each time) and `{now}` (seconds since the epoch); `iat`
    and `exp` are added. `headers` stand beside `alg` in the token's header, for instance `kid`. `lifetime` is how long
    a token lives, in seconds. `key` is what `key_file` holds.
    """

    SET_BY_PLUGIN: ClassVar[tuple[str, ...]] = ("key",)

    secret: SecretStr | None = None
    key_file: Path | None = None
    key: SecretStr | None = None
    algorithm: Algorithm = "HS256"
    claims: dict[str, JsonValue]
    headers: dict[str, str] = Field(default_factory=dict)
    lifetime: int = Field(900, ge=1, le=10**8)

    @model_validator(mode="after")
    def _can_sign(self) -> Self:
        mistakes = list(self._mistakes())
        if mistakes:
            raise several_mistakes(mistakes)
        return self

    def _mistakes(self) -> list[Mistake]:
        with_secret = self.algorithm.startswith(_SECRET)
        needed, surplus = ("secret", "key_file") if with_secret else ("key_file", "secret")
        mistakes: list[Mistake] = []
        if getattr(self, needed) is None:
            mistakes.append(((needed,), f"is missing; {self.algorithm} signs with it"))
        if getattr(self, surplus) is not None:
            mistakes.append(((surplus,), f"does not belong to {self.algorithm}, which signs with {needed}"))
        mistakes += [(("claims", name), "is set by `lifetime`") for name in _OWN_CLAIMS if name in self.claims]
        if "alg" in self.headers:
            mistakes.append((("headers", "alg"), "is set by `algorithm`"))
        return mistakes or self._unsigned(needed)

    def _unsigned(self, needed: str) -> list[Mistake]:
        """Why nothing can be signed with this key."""
        try:
            import jwt
        except ImportError:
            return [((), EXTRA)]
        try:
            Signer(**{**dict(self.signer), "claims": {}}).token("", None)
        except NotImplementedError:  # no cryptography
            return [((), EXTRA)]
        except (ValueError, TypeError, jwt.PyJWTError):
            return [((needed,), f"is no private key, in PEM and without a passphrase, for {self.algorithm}")]
        return []

    def unknown(self, *, ids: bool) -> list[Mistake]:
        """The placeholders of the claims that are not known; `ids`: accounts have an id."""
        valid = (*_ALWAYS, "id") if ids else _ALWAYS
        return list(unknown_placeholders(("mint", "claims"), self.claims, valid))

    @property
    def signer(self) -> Signer:
        """What signs, with the key in the clear."""
        key = self.secret or self.key
        return Signer(
            key="" if key is None else key.get_secret_value(),
            algorithm=self.algorithm,
            claims=self.claims,
            headers=self.headers,
            lifetime=self.lifetime,
        )


def with_mint(table: Table, config_file: Path | None, place: Place, mistakes: Mistakes) -> Table:
    """The table of an account or of candidates, whose `mint` has become a record with what its `key_file` holds. A
    relative path starts at the folder of the configuration file. Mistakes are noted; `mint` is then None."""
    if not isinstance(table.get("mint"), dict):
        return table
    where = (*place, "mint")
    settings = dict(table["mint"])
    for name in Mint.SET_BY_PLUGIN:
        if name in settings:
            del settings[name]
            mistakes.add((*where, name), unknown_key(name, Mint))
    if isinstance(settings.get("key_file"), str):
        path = folder_of(config_file) / settings["key_file"]
        try:
            settings |= {"key_file": path, "key": read_text(path)}
        except UnreadableFile as reason:
            mistakes.add((*where, "key_file"), f"{path}: {reason}")
    return {**table, "mint": validated_record(Mint, settings, where, mistakes)}
