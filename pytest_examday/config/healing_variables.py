"""Fills in the variables of an environment for healing.

A person who heals after a crash may not have the variables of the rehearsal, so only those that healing needs must be
set.
"""

from collections.abc import Mapping

from pytest_examday.config.configuration_file import Table, expand
from pytest_examday.errors import UsageProblem

_NEEDED = ("api_url", "hosts", "runtime", "toxiproxy")
"""The keys of an environment without which no fault can be taken out."""
_UNDOING = ("status", "start", "unpause", "paused", "undelay", "delayed")
"""Commands of a service that undo a fault, or show that it is gone."""


def fill(table: Table, where: str, variables: Mapping[str, str], path: tuple[str, ...] = ()) -> Table:
    """The environment's table with every `${NAME}` replaced. A key that healing does not need is left out where its
    variable is not set; the candidates' accounts are always left out.

    All other keys are filled in, so that the redactor knows their secrets. Raises UsageProblem, naming key and
    variable, where a variable is not set that healing needs.
    """
    filled: Table = {}
    for key, value in table.items():
        here, name = (*path, key), f"{where}.{key}"
        if isinstance(value, dict) and here[0] == "runtime":
            filled[key] = fill(value, name, variables, here)
            continue
        try:
            filled[key] = expand(value, name, variables, here)
        except UsageProblem:
            if _needed(here):
                raise
    filled.pop("candidates", None)
    return filled


def _needed(path: tuple[str, ...]) -> bool:
    match path:
        case ("runtime", "jobs", *_):
            return False
        case ("runtime", "services", _, command) | ("runtime", "every", command):
            return command in _UNDOING
        case _:
            return path[0] in _NEEDED
