"""The engine that makes the load of phase 2: the built-in candidates or k6."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class K6:
    """A k6 executable and its version (major, minor, patch)."""

    path: Path
    version: tuple[int, int, int]

    @property
    def version_in_words(self) -> str:
        """The version in words, for instance `1.1.0`."""
        return ".".join(map(str, self.version))


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine that the options chose.

    `k6` is the executable to run. `results` is the folder with the logs of k6 runners on other machines. If both are
    None, the built-in candidates make the load.
    """

    k6: K6 | None = None
    results: Path | None = None


BUILT_IN_ACTORS = Engine()
"""The built-in actors make the load."""
