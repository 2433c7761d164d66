"""Which engine makes the load of phase 2, as the options chose it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class K6:
    """An executable k6 and its version."""

    path: Path
    version: tuple[int, int, int]

    @property
    def told_version(self) -> str:
        """The version as people write it."""
        return ".".join(map(str, self.version))


@dataclass(frozen=True, slots=True)
class Engine:
    """`k6` is the executable to run, `results` the folder with the logs of runners elsewhere; without either the
    candidates are built in."""

    k6: K6 | None = None
    results: Path | None = None


BUILT_IN = Engine()
