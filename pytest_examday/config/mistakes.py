"""The mistakes of one configuration: they are collected, so that all of them are reported at once."""

import json
import re
from collections.abc import Iterable, Iterator

from pytest_examday.errors import UsageProblem

Place = tuple[str | int, ...]
"""Where a value stands: the keys on the way to it, and for an entry of a list its number from 0."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST = 60


def place_text(place: Place) -> str:
    """The place as a person writes it, on one line: `env.staging.allow[0]`."""
    return "".join(_parts(place))


def _parts(place: Place) -> Iterator[str]:
    for number, part in enumerate(place):
        if isinstance(part, int):
            yield f"[{part}]"
        else:
            yield f"{'.' if number else ''}{key_text(part)}"


def key_text(name: str) -> str:
    """One key as TOML writes it; one that is very long is cut."""
    name = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    return name if _BARE.fullmatch(name) else json.dumps(name)


class Mistakes:
    """The mistakes of one configuration, in the order in which they are found, each once.

    `source` is the configuration file, or a word for it if there is none.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._lines: dict[str, None] = {}
        self._places: list[Place] = []

    def add(self, place: Place, message: str) -> None:
        """Note what is wrong at this place."""
        self.add_for_all((place,), message)

    def add_for_all(self, places: Iterable[Place], message: str) -> None:
        """Note one mistake that stands at several places."""
        stands_at = tuple(places)
        self._places += stands_at
        self.add_line(f"{self.source}: {', '.join(map(place_text, stands_at))}: {message}")

    def add_line(self, line: str) -> None:
        """Note a mistake that stands elsewhere; the line says where."""
        self._lines.setdefault(" ".join(line.split()))

    def follows_from_another(self, place: Place) -> bool:
        """Whether a mistake at this place follows from one that is noted: of the value there, of one that holds it, or
        of one inside it."""
        return any(place[: len(noted)] == noted or noted[: len(place)] == place for noted in self._places)

    def refuse(self) -> None:
        """Raise UsageProblem with every mistake if there is one."""
        if self._lines:
            raise UsageProblem(*self._lines)
