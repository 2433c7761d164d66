"""What of an environment it takes to take a fault out: whoever heals may have none of the rehearsal's variables."""

from collections.abc import Mapping

from pytest_examday.config.configuration_file import Table, expand
from pytest_examday.errors import UsageProblem

_NEEDED = ("api_url", "hosts", "runtime", "toxiproxy")
_UNDOING = ("status", "start", "unpause", "paused", "undelay", "delayed")
"""Commands of a service that undo a fault or show that it is gone."""


def fill(table: Table, where: str, variables: Mapping[str, str], path: tuple[str, ...] = ()) -> Table:
    """The environment's table with every `${NAME}` replaced; keys whose variables are not set are left out.

    What else can be filled in is, so that secrets are known as such. Nobody sits an exam, so the candidates are left
    out. Raises UsageProblem, naming key and variable, where healing needs the key.
    """
    filled: Table = {}
    for key, value in table.items():
        here, name = (*path, key), f"{where}.{key}"
        if isinstance(value, dict) and here[0] == "runtime":
            filled[key] = fill(value, name, variables, here)
            continue
        try:
            filled[key] = expand(value, name, variables)
        except UsageProblem:
            if _needed(here):
                raise
    filled.pop("candidates", None)
    return filled


def _needed(path: tuple[str, ...]) -> bool:
    match path:
        case ("runtime", "jobs", *_):
            return False
        case ("runtime", "services", _, command):
            return command in _UNDOING
        case _:
            return path[0] in _NEEDED
