"""Password hashes by scrypt, at a cost so low that the logins of a whole exam hardly burden two cores.
The accounts last no longer than the platform."""

import hashlib
import hmac
import secrets

_COST = 2**9
_BLOCK = 8
_SALT_BYTES = 16


def _derive(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_COST, r=_BLOCK, p=1)


def hash_password(password: str) -> str:
    """``scrypt$<salt>$<key>`` in hexadecimal, with a fresh salt."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return f"scrypt${salt.hex()}${_derive(password, salt).hex()}"


def verify_password(password: str, stored: str) -> bool:
    """Whether ``password`` has the stored hash; takes the same time in both cases."""
    _, salt, key = stored.split("$")
    return hmac.compare_digest(_derive(password, bytes.fromhex(salt)), bytes.fromhex(key))
