"""Fills in the variables of an environment for healing.

A person who heals after a crash may not have the variables of the rehearsal, so only those that healing needs must be
set.
"""

from pytest_examday.config.configuration_file import Table
from pytest_examday.config.mistakes import Place
from pytest_examday.config.variables import Filling

_NEEDED = ("api_url", "hosts", "runtime", "toxiproxy")
"""The keys of an environment without which no fault can be taken out."""
_UNDOING = ("status", "start", "unpause", "paused", "undelay", "delayed")
"""Commands of a service that undo a fault, or show that it is gone."""

_OF_SWITCH = ("exam_mode", "contract", "database_url", "write_database_url")
"""Keys that switch exam mode off and read it. Without the variables of one of them the others are of no use."""


def fill_to_heal(table: Table, place: Place, filling: Filling, path: tuple[str, ...] = ()) -> Table:
    """The environment's table with its variables filled in. A key that healing does not need is left out if its
    variable is not set; the candidates' accounts, those of which tokens are minted, and the user's own SQL checks are
    always left out.

    All other keys are filled in, so that the redactor knows their secrets. `path` is the way to the table within the
    environment.
    """
    filled: Table = {}
    for key, value in table.items():
        here, where = (*path, key), (*place, key)
        if isinstance(value, dict) and here[0] == "runtime":
            filled[key] = fill_to_heal(value, where, filling, here)
        elif _needed(here):
            filled[key] = filling.value(value, where)
        else:
            apart = filling.apart()
            found = apart.value(value, where)
            if apart.complete:
                filled[key] = found
    for unused in ("candidates", "sql_checks", "clean_up"):
        filled.pop(unused, None)
    if any(needed in table and needed not in filled for needed in _OF_SWITCH):
        filled.pop("exam_mode", None)
    if isinstance(filled.get("admin"), dict) and "mint" in filled["admin"]:
        del filled["admin"]
    return filled


def _needed(path: tuple[str, ...]) -> bool:
    match path:
        case ("runtime", "jobs", *_):
            return False
        case ("runtime", "services", _, command) | ("runtime", "defaults", command):
            return command in _UNDOING
        case _:
            return path[0] in _NEEDED
