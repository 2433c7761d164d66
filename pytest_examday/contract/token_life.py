"""How long a token is valid, and when it has to be renewed."""

import base64
import json
import math

from pytest_examday.contract.numbers_and_moments import as_number

DEFAULT_SECONDS = 900.0
"""The lifetime of an access token if neither the platform nor the configuration gives it: 15 minutes, as is common."""
_MARGIN = 0.2
"""Share (0 to 1) of an access token's lifetime that is left when it is renewed."""


def jwt_end(token: str) -> float | None:
    """When a JWT ends, in seconds since the epoch; None for any other token."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return as_number(claims["exp"])
    except (IndexError, ValueError, KeyError, TypeError, RecursionError):
        return None


def renewal_after(begun: float, lifetime: float) -> float:
    """When a token is to be renewed whose lifetime (seconds) begins at `begun`."""
    return begun + lifetime * (1 - _MARGIN)


def renewal_of(token: str, now: float, made_at: float | None = None, lifetime: float | None = None) -> float:
    """When a token of the configuration is to be renewed (seconds since the epoch). A JWT holds its own end. For
    another token the configuration may give a lifetime, which begins at `made_at`. If it does not, the result is
    infinity."""
    end = jwt_end(token)
    if end is not None:
        return end - _MARGIN * max(0.0, end - now)
    if lifetime is None or made_at is None:
        return math.inf
    return renewal_after(made_at, lifetime)
