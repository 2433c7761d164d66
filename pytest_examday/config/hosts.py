"""The hosts that an environment names; an address that leads to another host is refused."""

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pytest_examday.config.addresses import for_libpq
from pytest_examday.config.environment import Environment
from pytest_examday.config.mistakes import Place
from pytest_examday.config.suite_addresses import Address, addresses_of_suites

_ADDRESSES = {
    "api_url": "http",
    "database_url": "postgresql",
    "write_database_url": "postgresql",
    "redis_url": "redis",
}
"""Key of an environment -> the kind of the address that it holds."""
_THIS_MACHINE = "localhost"
_SERVICE = "service "
_LOOPBACK = re.compile(r"localhost|127(\.\d+){3}|::1")


def hosts_of(address: str) -> frozenset[str]:
    """The hosts of a URL, in lower case; none for a text that is no URL."""
    try:
        parts = urlsplit(address)
        named = [*_hosts(parts.netloc.rpartition("@")[2]), *parse_qs(parts.query).get("host", [])]
    except ValueError:
        return frozenset()
    return frozenset(host.lower() for host in named if host and "://" in address)


def redis_hosts(address: str) -> frozenset[str]:
    """The hosts of a Redis URL; this machine if the URL is that of a socket or names no host."""
    if "://" not in address:
        return frozenset()
    return hosts_of(address) or frozenset({_THIS_MACHINE})


def database_hosts(address: str, variables: Mapping[str, str] | None = None) -> frozenset[str]:
    """The hosts to which libpq would connect by this URL or keyword string, in lower case: this machine for a socket
    or if nothing names a host; none for a text that libpq cannot read.

    If the address leaves something out, libpq reads the variables PGHOST, PGHOSTADDR and PGSERVICE. It connects to
    `hostaddr` whatever `host` says. The hosts of a service stand in a file that may change, so a service counts as a
    host that nobody can name: `service NAME`.
    """
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    variables = os.environ if variables is None else variables
    try:
        options = {key: str(value) for key, value in conninfo_to_dict(for_libpq(address)).items() if value}
    except ProgrammingError:
        return frozenset()
    if not address.strip():
        return frozenset()
    if service := options.get("service") or variables.get("PGSERVICE"):
        return frozenset({f"{_SERVICE}{service}"})
    lists = (options.get(key) or variables.get(f"PG{key.upper()}") or "" for key in ("hostaddr", "host"))
    named = [host for text in lists if text for host in text.split(",")] or [""]
    return frozenset(_THIS_MACHINE if not host or host[0] in "/@" else host.lower() for host in map(str.strip, named))


def _hosts(netloc: str) -> list[str]:
    """The hosts of the part between `//` and the path. PostgreSQL allows several in one URL, each with its own port."""
    return [urlsplit(f"//{part}").hostname or "" for part in netloc.split(",")]


def named_hosts(environment: Environment) -> frozenset[str]:
    """Every host that the environment names: in its addresses and in `hosts`."""
    every = (*_addresses(environment.__dict__), *addresses_of_suites(environment.suites))
    return frozenset(environment.hosts).union(*(_read_hosts(address, {}) for address in every))


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    return _LOOPBACK.fullmatch(host) is not None


def addresses_at_unnamed_hosts(
    environment: Environment, written: Mapping[str, Any], where: str, variables: Mapping[str, str]
) -> Iterator[tuple[Place, str]]:
    """The addresses that lead to a host which the environment does not name: for each address, its keys and what is
    wrong.

    A host is named if it is in `hosts`, or if an address in the file spells it out. A host that comes from a variable
    has to be in `hosts`. If `hosts` is not given, every host is accepted, because source document 001 takes its
    addresses from variables.

    `written` is the environment's table before its variables were filled in, `where` the key of this table.
    `variables` are those of the process; libpq reads them too.
    """
    if not environment.hosts:
        return
    named = set(environment.hosts)
    of_suites = tuple(addresses_of_suites(environment.suites))
    written_for_suites = (address._replace(text=_written_at(written, address.place)) for address in of_suites)
    for address in (*_addresses(written), *written_for_suites):
        named |= {host for host in _read_hosts(address, {}) if "$" not in host and not host.startswith(_SERVICE)}
    for address in (*_addresses(environment.__dict__), *of_suites):
        for host in sorted(_read_hosts(address, variables) - named):
            yield address.place, _refusal(host, where)


def _refusal(host: str, where: str) -> str:
    if host.startswith(_SERVICE):
        return f"takes its host from a file, by the {host}; with {where}.hosts it has to name the host itself"
    return f"leads to the host {host}, which the environment does not name; if that is meant, add it to {where}.hosts"


def _addresses(table: Mapping[str, Any]) -> list[Address]:
    """Every address of an environment, or of its table in the file, except those of its suites."""
    toxiproxy = table.get("toxiproxy")
    url = toxiproxy.get("url") if isinstance(toxiproxy, Mapping) else getattr(toxiproxy, "url", None)
    every = [Address((key,), kind, _text(table.get(key))) for key, kind in _ADDRESSES.items()]
    return [address for address in (*every, Address(("toxiproxy", "url"), "http", _text(url))) if address.text]


def _written_at(table: Any, place: Place) -> str:
    """The text that is written at this place of the table; empty if there is none."""
    value = table
    for key in place:
        try:
            value = value[key]
        except (LookupError, TypeError):
            return ""
    return value if isinstance(value, str) else ""


def _read_hosts(address: Address, variables: Mapping[str, str]) -> frozenset[str]:
    match address.kind:
        case "postgresql":
            return database_hosts(address.text, variables)
        case "redis":
            return redis_hosts(address.text)
        case _:
            return hosts_of(address.text)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value.get_secret_value()) if hasattr(value, "get_secret_value") else str(value)
