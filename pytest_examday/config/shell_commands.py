"""Which texts of an environment are shell commands, and how they name variables."""

import re

from pytest_examday.config.environment import Environment
from pytest_examday.config.mistakes import Place

_NO_COMMAND = "address"
"""The key of a service that is no command."""
_OF_ENVIRONMENT = frozenset((*Environment.model_fields, *Environment.SOURCE_KEYS))
"""The keys that are not those of suites."""
_COMMAND = re.compile(r"(?:.*_)?commands?")
_QUOTED = re.compile(r"\\.|'(?P<single>[^']*)'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
"""The quoted parts of a command. The shell replaces no variable between single quotes."""
_VARIABLE = re.compile(r"\$\{\w+(?::-[^{}]*)?\}")


def is_command(place: Place) -> bool:
    """Whether the text at these keys of an environment is run by a shell. In the table of a suite it is, if its key or
    one above it is `command` or ends with `_command`; or the same with an `s`."""
    if place and place[0] not in _OF_ENVIRONMENT:
        return any(isinstance(key, str) and _COMMAND.fullmatch(key) for key in place[1:])
    match place:
        case ("runtime", "jobs", _) | ("candidates", "command") | ("log_command",):
            return True
        case ("exam_mode", "read" | "on" | "off", "command") | ("clean_up", "command"):
            return True
        case ("runtime", "services", _, key) | ("runtime", "defaults", key):
            return key != _NO_COMMAND
        case _:
            return False


def in_single_quotes(command: str) -> str | None:
    """The first variable that the command names in single quotes; None if there is none."""
    for quoted in _QUOTED.finditer(command):
        if (found := _VARIABLE.search(quoted["single"] or "")) is not None:
            return found.group()
    return None
