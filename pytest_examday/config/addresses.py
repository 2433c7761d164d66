"""Checks the addresses of PostgreSQL and Redis without opening a connection.

What the drivers would quote in their errors may be part of a password, so nothing of an address is repeated.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, SecretStr

from pytest_examday.did_you_mean import did_you_mean

_SCHEME = "postgresql://"
_DIALECT = re.compile(r"(?:postgresql|postgres)(?:\+\w+)?://")
"""SQLAlchemy and Django write the driver into the scheme, and some write `postgres`."""
_POSTGRESQL = "must be an address such as postgresql://user:password@host:5432/name, or host=… dbname=…"
_REDIS = "must be an address such as redis://:password@host:6379/0; schemes: redis, rediss, unix"
_ESCAPE = "a password must have its @ : / ? # [ ] % written as %40 %3A %2F %3F %23 %5B %5D %25"
_HIGHEST_PORT = 65_535


def for_libpq(address: str) -> str:
    """The address with the one scheme that PostgreSQL's library knows, if it has one that means the same."""
    url = address.strip()
    dialect = _DIALECT.match(url)
    return url if dialect is None else f"{_SCHEME}{url[dialect.end() :]}"


def _database(secret: SecretStr) -> SecretStr:
    """The address as PostgreSQL's library accepts it. Raises ValueError if the library refuses it."""
    url = for_libpq(secret.get_secret_value())
    is_url = url.startswith(_SCHEME)
    if not url or ("://" in url and not is_url):
        raise ValueError(_POSTGRESQL)
    parts = _parsed_by_libpq(url)
    hosts, ports = ([part for part in parts.get(name, "").split(",") if part] for name in ("host", "port"))
    # libpq takes what follows the first @ of a password for the host, and what follows a / for the name of the database
    astray = is_url and (_is_cut_short(url, parts.get("password")) or "@" in parts.get("dbname", ""))
    if astray or not all(map(_is_port, ports)) or any(re.search(r"[\s@?#]", host) for host in hosts):
        raise ValueError(f"{_POSTGRESQL}; {_ESCAPE}")
    return SecretStr(url)


def _parsed_by_libpq(url: str) -> dict[str, str]:
    """The options of an address. Raises ValueError, in our own words, if libpq refuses the address."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict
    from psycopg.pq import Conninfo

    try:
        return {name: str(value) for name, value in conninfo_to_dict(url).items()}
    except ProgrammingError:
        pass
    known = [option.keyword.decode() for option in Conninfo.get_defaults()]
    written = re.findall(r"[?&](\w+)=", url) if "://" in url else re.findall(r"(?:^|\s)(\w+)\s*=", url)
    for name in written:
        if name not in known:
            raise ValueError(
                f"has an option {name!r} that PostgreSQL does not have; {did_you_mean(name, known)}".rstrip()
            )
    raise ValueError(f"{_POSTGRESQL}; {_ESCAPE}" if "://" in url else _POSTGRESQL)


def _is_cut_short(url: str, password: str | None) -> bool:
    """Whether libpq and the standard library, by which hosts and secrets are found, differ about the end of the
    password: it is the first `@` for libpq and the last one for the library, and other characters differ too."""
    try:
        by_library = urlsplit(url).password
    except ValueError:
        return True
    return (unquote(by_library) if by_library else None) != (password or None)


def _redis(secret: SecretStr) -> SecretStr:
    """The address as redis-py accepts it. Raises ValueError if redis-py refuses it."""
    from redis import ConnectionPool

    url = secret.get_secret_value().strip()
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError(f"{_REDIS}; {_ESCAPE}") from None
    if parts.scheme not in ("redis", "rediss", "unix"):
        raise ValueError(_REDIS)
    if parts.fragment or (parts.scheme != "unix" and ("@" in parts.path or not parts.hostname)):
        raise ValueError(f"{_REDIS}; {_ESCAPE}")
    if parts.scheme != "unix" and not re.fullmatch(r"/?\d{0,6}", parts.path):
        raise ValueError("must end with the number of a database, such as /0")
    try:
        ConnectionPool.from_url(url).make_connection()
    except (ValueError, TypeError):
        raise ValueError("has an option after its ? that a connection to Redis does not have") from None
    return SecretStr(url)


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text[:9]) <= _HIGHEST_PORT


@dataclass(frozen=True)
class AddressKind:
    """Says of a type of secret text that it is an address, and what is reached there."""

    reaches: Literal["postgresql", "redis"]


DatabaseUrl = Annotated[SecretStr, AfterValidator(_database), AddressKind("postgresql")]
RedisUrl = Annotated[SecretStr, AfterValidator(_redis), AddressKind("redis")]
