"""Searches what was added to log files for random texts."""

import time
from collections.abc import Iterable, Mapping
from glob import glob
from pathlib import Path

from pytest_examday.named_files import open_file
from pytest_examday.suites.staging.webhooks.evidence import Trace, TraceSearch
from pytest_examday.suites.staging.webhooks.traces.forms import Finder

_BLOCK = 1024 * 1024
_MOST_BYTES = 512 * 1024 * 1024
"""Bytes that are read of one file."""
_WAIT_SECONDS, _PAUSE_SECONDS = 3.0, 0.05
"""How long lines may take to reach the files."""


class LogsSince:
    """What is added to log files from now on. `patterns` are names of files, or patterns for them."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = tuple(patterns)
        self._before = {path: _state(path) for path in self._files()}

    def search(self, texts: Mapping[str, tuple[str, ...]]) -> TraceSearch:
        """Search for the texts of each name. The search is not blind if something was added at all."""
        if not self._patterns:
            return TraceSearch(untried="log_files is not set")
        self._await_lines()
        finder = Finder(texts)
        traces: list[Trace] = []
        unread: dict[str, str] = {}
        read = 0
        files = self._files()
        for path in files:
            try:
                names, size = self._search_file(path, finder)
            except OSError as problem:
                unread[path.name] = problem.strerror or str(problem)
                continue
            if size > _MOST_BYTES:
                unread[path.name] = f"more than {_MOST_BYTES // 1024**2} MiB were added"
            read += size
            traces += (Trace(field=name, place=f"log {path.name}") for name in names)
        if not files:
            return TraceSearch(untried=f"there is no log file {', '.join(self._patterns)}")
        return TraceSearch(traces=tuple(traces), searched=len(files) - len(unread), sees=read > 0, unread=unread)

    def _search_file(self, path: Path, finder: Finder) -> tuple[list[str], int]:
        """The names of the texts in what was added, and its size in bytes; a file that is another one by now, or
        shorter, is read from its beginning."""
        found: dict[str, None] = {}
        identity, size = self._before.get(path, (None, 0))
        with open_file(path) as file:
            now = _state(path)
            start = size if now[0] == identity and now[1] >= size else 0
            file.seek(start)
            rest, read = b"", 0
            while read <= _MOST_BYTES and (block := file.read(_BLOCK)):
                read += len(block)
                found.update(dict.fromkeys(finder.names_in(rest + block)))
                rest = block[-finder.overlap :]
        return list(found), read

    def _await_lines(self) -> None:
        end = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < end and all(_state(path) == self._before.get(path) for path in self._files()):
            time.sleep(_PAUSE_SECONDS)

    def _files(self) -> list[Path]:
        found = (Path(name) for pattern in self._patterns for name in sorted(glob(pattern)))  # noqa: PTH207 # of any folder
        return list(dict.fromkeys(found))


def _state(path: Path) -> tuple[int | None, int]:
    """The identity and the size of a file."""
    try:
        state = path.stat()
    except OSError:
        return None, 0
    return state.st_ino, state.st_size
