"""Reads log files for runtimes."""

from collections.abc import Iterator
from pathlib import Path

from pytest_examday.errors import Unmeasurable


def lines_of(path: Path) -> Iterator[str]:
    """The lines that are not empty, without line ends. Raises Unmeasurable where the file cannot be read."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as problem:
        raise Unmeasurable(f"log file {path}: {problem.strerror}") from None
    yield from filter(None, text.split("\n"))
