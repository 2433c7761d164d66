"""The companies that a new service knows: the same ids on every machine, and secrets of this directory."""

import hashlib
import hmac
import uuid
from dataclasses import dataclass, field

_NAMESPACE = uuid.UUID("0b8a4c52-5d0a-5b53-8e57-6a0b6c7d1e21")


@dataclass(frozen=True, slots=True)
class Company:
    """A company that sends webhooks, and the secret with which it signs them."""

    id: uuid.UUID
    name: str
    secret: str = field(repr=False)


def companies(count: int, seed: str) -> tuple[Company, ...]:
    """The first `count` companies; `seed` is what their secrets are derived from."""
    return tuple(_company(number, seed) for number in range(1, count + 1))


def _company(number: int, seed: str) -> Company:
    name = f"company-{number}"
    secret = hmac.new(seed.encode(), name.encode(), hashlib.sha256).hexdigest()
    return Company(uuid.uuid5(_NAMESPACE, name), name, f"whsec_{secret}")
