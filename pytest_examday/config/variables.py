"""Fills in environment variables: `${NAME}`, and `${NAME:-text}` with the text that stands for an unset one."""

from collections.abc import Mapping
from typing import Any

from pytest_examday.config.configuration_file import Table
from pytest_examday.config.mistakes import Mistakes, Place
from pytest_examday.config.named_variables import VARIABLE
from pytest_examday.config.shell_commands import in_single_quotes, is_command
from pytest_examday.contract.sent_headers import NO_HEADER_VALUE, fits_into_header
from pytest_examday.lone_surrogates import without_lone_surrogates

_OF_ENVIRONMENT = 2
"""Where the keys within an environment begin in a place such as `env.staging.candidates.command`."""


_TOKENS = ("auth_token", "access_token")


def _is_sent_in_header(place: Place) -> bool:
    return place[-1] in _TOKENS or "headers" in place or str(place[-1]).endswith("_header")


class Filling:
    """Fills the variables into a table, and notes those that are not set and texts that cannot be used.

    Shell commands stay as they are: they find the variables in their environment, where no other user of the machine
    sees them, and where no text of a message holds their values.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._unset: dict[str, list[Place]] = {}
        self._refused: list[tuple[Place, str]] = []

    def apart(self) -> "Filling":
        """A `Filling` with the same variables that notes its mistakes apart from this one's."""
        return Filling(self._variables)

    @property
    def complete(self) -> bool:
        """Whether every variable was set."""
        return not self._unset

    def table(self, table: Table, place: Place) -> Table:
        """The table with its variables filled in, in nested tables and lists too. A text of which a variable is not set
        stays as it is."""
        return {name: self.value(value, (*place, name)) for name, value in table.items()}

    def value(self, value: Any, place: Place) -> Any:
        """One value with its variables filled in."""
        if isinstance(value, dict):
            return self.table(value, place)
        if isinstance(value, list):
            return [self.value(item, (*place, number)) for number, item in enumerate(value)]
        return self._text(value, place) if isinstance(value, str) else value

    def _text(self, text: str, place: Place) -> str:
        variables = list(VARIABLE.finditer(text))
        unset = dict.fromkeys(named[1] for named in variables if named[2] is None and not self._variables.get(named[1]))
        for name in unset:
            self._unset.setdefault(name, []).append(place)
        if unset:
            return text
        command = is_command(place[_OF_ENVIRONMENT:])
        if command and (quoted := in_single_quotes(text)) is not None:
            message = f"{quoted} stands in single quotes, where the shell does not replace it; use double quotes"
            self._refused.append((place, message))
        if "${" in VARIABLE.sub("", text) and not command:
            self._refused.append((place, "write a variable as ${NAME}, or ${NAME:-text} with a text for an unset one"))
        filled = VARIABLE.sub(lambda match: self._variables.get(match[1]) or match[2] or "", text)
        if "\0" in filled:
            self._refused.append((place, "holds a NUL character"))
        elif not command and _is_sent_in_header(place):
            named = dict.fromkeys(variable[1] for variable in variables)
            names = [name for name in named if not fits_into_header(self._variables.get(name, ""))]
            self._refused.extend((place, f"the environment variable {name} {NO_HEADER_VALUE}") for name in names)
            if names:
                return ""  # so that keys that take this text over are not refused too
        if without_lone_surrogates(filled) != filled:
            self._refused.append((place, "a variable holds bytes that are no UTF-8 text"))
        return text if command else filled

    def note_in(self, mistakes: Mistakes) -> None:
        """Note what was found: each unset variable once, with all keys that need it."""
        for name, places in self._unset.items():
            mistakes.add_for_all(places, f"the environment variable {name} is not set")
        for place, message in self._refused:
            mistakes.add(place, message)
