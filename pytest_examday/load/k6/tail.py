"""Reading a file of lines while somebody else writes it."""

from pathlib import Path


class Tail:
    """Gives the whole lines of a file that have come since the last question; the file need not exist yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def lines(self) -> list[bytes]:
        """The new lines; one that is not finished waits for the next question."""
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
        """When the file last grew, seconds since the epoch; 0 where it is not there."""
        return self._path.stat().st_mtime if self._path.exists() else 0.0
