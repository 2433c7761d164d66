"""Fills in the variables of an environment for healing.

A person who heals after a crash may not have the variables of the rehearsal, so only those that healing needs must be
set.
"""

from pytest_examday.config.configuration_file import Table
from pytest_examday.config.mistakes import Place
from pytest_examday.config.variables import Filling

_KEYS_FOR_HEALING = ("api_url", "hosts", "runtime", "toxiproxy")
"""The keys of an environment without which no fault can be taken out."""
_UNDOING_COMMANDS = ("status", "start", "unpause", "paused", "undelay", "delayed")
"""Commands of a service that undo a fault, or show that it is gone."""

_KEYS_FOR_SWITCHING_BACK = ("exam_mode", "contract", "database_url", "write_database_url")
"""The keys with which exam mode is switched off and read. If a variable of one of them is not set, exam mode cannot be
switched off, so `exam_mode` is left out."""


def fill_to_heal(table: Table, place: Place, filling: Filling, path: tuple[str, ...] = ()) -> Table:
    """The environment's table with its variables filled in.

    A key that healing does not need is filled in too, so that the redactor knows its secrets. If its variable is not
    set, it is left out. Some keys are always left out: the candidates' accounts, an administrator whose tokens are
    signed, the user's own SQL checks, and `clean_up`. `path` holds the keys from the environment to this table.
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
            optional = apart.value(value, where)
            if apart.complete:
                filled[key] = optional
    for unused in ("candidates", "sql_checks", "clean_up"):
        filled.pop(unused, None)
    if any(needed in table and needed not in filled for needed in _KEYS_FOR_SWITCHING_BACK):
        filled.pop("exam_mode", None)
    if isinstance(filled.get("admin"), dict) and "mint" in filled["admin"]:
        del filled["admin"]
    return filled


def _needed(path: tuple[str, ...]) -> bool:
    match path:
        case ("runtime", "jobs", *_):
            return False
        case ("runtime", "services", _, command) | ("runtime", "defaults", command):
            return command in _UNDOING_COMMANDS
        case _:
            return path[0] in _KEYS_FOR_HEALING
