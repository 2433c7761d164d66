"""The hosts that an environment names; an address that leads to another host is refused."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pytest_examday.config.environment import Environment

_ADDRESSES = ("api_url", "database_url", "redis_url")
_KEYWORD_HOST = re.compile(r"(?:^|\s)host(?:addr)?\s*=\s*'?([^\s']+)")
_LOOPBACK = re.compile(r"localhost|127(\.\d+){3}|::1")


def hosts_of(address: str) -> frozenset[str]:
    """The hosts of a URL or of a PostgreSQL keyword string, in lower case; none for a Unix socket or for a text that is
    no address."""
    try:
        parts = urlsplit(address)
        named = [*_hosts(parts.netloc.rpartition("@")[2]), *parse_qs(parts.query).get("host", [])]
    except ValueError:
        return frozenset()
    if "://" not in address:
        named = _KEYWORD_HOST.findall(address)
    single = (host for text in named for host in text.split(","))
    return frozenset(host.lower() for host in single if host and not host.startswith("/"))


def _hosts(netloc: str) -> list[str]:
    """The hosts of the part between `//` and the path. PostgreSQL allows several in one URL, each with its own port."""
    return [urlsplit(f"//{part}").hostname or "" for part in netloc.split(",")]


def named_hosts(environment: Environment) -> frozenset[str]:
    """Every host that the environment names: in its addresses and in `hosts`."""
    found = set(environment.hosts)
    for address in _addresses(environment).values():
        found |= hosts_of(address)
    return frozenset(found)


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    return _LOOPBACK.fullmatch(host) is not None


def unnamed(environment: Environment, written: Mapping[str, Any], where: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """The addresses that lead to a host which the environment does not name: for each its keys and what is wrong.

    `written` is the environment's table before its variables were filled in. A host that is spelled out in the table
    counts as named; a host that comes from a variable must be in `hosts`. Where `hosts` is not given, every host is
    accepted, as seed 001 takes its addresses from variables. `where` is the key of the environment's table.
    """
    if not environment.hosts:
        return
    named = set(environment.hosts)
    for key in _ADDRESSES:
        named |= {host for host in hosts_of(str(written.get(key, ""))) if "$" not in host}
    toxiproxy = written.get("toxiproxy")
    spelled = toxiproxy.get("url", "") if isinstance(toxiproxy, Mapping) else ""
    named |= {host for host in hosts_of(str(spelled)) if "$" not in host}
    for key, address in _addresses(environment).items():
        for host in sorted(hosts_of(address) - named):
            yield (
                tuple(key.split(".")),
                f"leads to the host {host}, which the environment does not name; "
                f"if that is meant, add it to {where}.hosts",
            )


def _addresses(environment: Environment) -> dict[str, str]:
    """Every address of the environment by its key."""
    found = {key: _text(getattr(environment, key)) for key in _ADDRESSES}
    toxiproxy = environment.toxiproxy
    return found if toxiproxy is None else {**found, "toxiproxy.url": str(toxiproxy.url)}


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value.get_secret_value()) if hasattr(value, "get_secret_value") else str(value)
