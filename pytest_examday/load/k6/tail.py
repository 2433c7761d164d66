"""Reads a file of lines while another process writes it."""

from pathlib import Path


class Tail:
    """Reads the lines that were added to a file since the last call of `lines`. The file need not exist yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def lines(self) -> list[bytes]:
        """The new lines; a line that is not complete is left for the next call."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._offset)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._offset += len(whole)
        return whole.splitlines(keepends=True)

    @property
    def changed_at(self) -> float:
        """When the file last grew, seconds since the epoch; 0 if it does not exist."""
        return self._path.stat().st_mtime if self._path.exists() else 0.0
