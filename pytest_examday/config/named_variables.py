"""The environment variables that an environment of the configuration names, and which of them hold secrets."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pytest_examday.config.configuration_file import Table
from pytest_examday.config.mistakes import Place
from pytest_examday.config.ordinary_text import looks_random
from pytest_examday.config.secret_names import may_be_secret, says_plain
from pytest_examday.config.shell_commands import is_command

VARIABLE = re.compile(r"\$\{(\w+)(?::-([^{}]*))?\}")

_OF_REQUESTS = ("contract", "exam_mode", "clean_up")
"""The keys of an environment whose texts are parts of requests and statements, which no report shows."""


class NamedVariables(NamedTuple):
    """Variables by their names: those that may hold secrets, and the others."""

    secret: dict[str, str]
    plain: dict[str, str]


def names_in(text: str) -> list[str]:
    """The names of the variables in a text."""
    return [match[1] for match in VARIABLE.finditer(text)]


def named_variables(environment: Table, variables: Mapping[str, str]) -> NamedVariables:
    """The variables that the table of an environment names and that are set.

    A variable may hold a secret if its name or that of a key says so. Otherwise it holds none if its name says that, if
    its value is an ordinary text such as `staging`, or if some key takes it that is neither a command nor a part of a
    request: the value of an address or a person stands in the report too.
    """
    secret: dict[str, str] = {}
    plain: dict[str, str] = {}
    shown: set[str] = set()
    named = [(place, name) for place, name in _named(environment, ()) if variables.get(name)]
    for place, name in named:
        if may_be_secret(_key(place), ""):
            secret[name] = variables[name]
        elif not is_command(place) and place[0] not in _OF_REQUESTS:
            shown.add(name)
    for name in dict.fromkeys(name for _, name in named):
        value = variables[name]
        is_named_so = name in secret or may_be_secret(name, value)
        is_plain = name in shown or says_plain(name) or not looks_random(value)
        (plain if is_plain and not is_named_so else secret)[name] = value
    return NamedVariables(secret, plain)


def _named(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """The variables in a value and in all that it holds, each with its place."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _named(item, (*place, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _named(item, (*place, number))
    elif isinstance(value, str):
        yield from ((place, name) for name in names_in(value))


def _key(place: Place) -> str:
    return next((key for key in reversed(place) if isinstance(key, str)), "")
