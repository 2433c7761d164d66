"""Which texts of an environment are shell commands, and how they name variables."""

import re

from pytest_examday.errors import UsageProblem

_NO_COMMAND = "address"
"""The key of a service that is no command."""
_QUOTED = re.compile(r"\\.|'(?P<single>[^']*)'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
"""What the shell takes out of a command before it looks for variables; between single quotes it replaces none."""
_VARIABLE = re.compile(r"\$\{\w+\}")


def is_command(path: tuple[str, ...]) -> bool:
    """Whether the text at these keys of an environment is run by a shell."""
    match path:
        case ("runtime", "jobs", _):
            return True
        case ("runtime", "services", _, key) | ("runtime", "every", key):
            return key != _NO_COMMAND
        case _:
            return False


def refuse_single_quotes(command: str, where: str) -> None:
    """Refuse a command that names a variable in single quotes. Raises UsageProblem."""
    for quoted in _QUOTED.finditer(command):
        if (found := _VARIABLE.search(quoted.group("single") or "")) is not None:
            raise UsageProblem(
                f"{where}: {found.group()} stands in single quotes, where the shell does not replace it; "
                "use double quotes"
            )
