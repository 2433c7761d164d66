"""One line for every request that was sent."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from pytest_examday.evidence.figures import Outcome

_BUFFER_SECONDS = 0.1
_BUFFER_BYTES = 64 * 1024


class Sample(NamedTuple):
    """One request: when it started (seconds since the epoch), how long it took, how it ended.

    The request that ended its action also tells `response_ms`: from the moment at which the action was due to its
    end, with the generator's own delay, retries, back-off and a new token in it. Attempts before it have None.
    """

    operation: str
    actor: str
    started: float
    ms: float
    status: int | None
    outcome: Outcome
    request_id: str
    response_ms: float | None = None

    @property
    def ended(self) -> float:
        """When the answer was there, seconds since the epoch."""
        return self.started + self.ms / 1000


_DECODER = msgspec.json.Decoder(Sample)


class SampleWriter:
    """Appends samples to a file: at the latest after a tenth of a second where an event loop runs, at once where none
    does, so a process that is killed loses the last moments alone."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("ab", buffering=0)
        self._encoder = msgspec.json.Encoder()
        self._lines = bytearray()
        self._armed = False

    def add(self, sample: Sample) -> None:
        """Append one; raises OSError where the file takes no more."""
        self._encoder.encode_into(sample, self._lines, -1)
        self._lines += b"\n"
        if not self._armed:
            self._arm()
        elif len(self._lines) >= _BUFFER_BYTES:
            self._flush()

    def close(self) -> None:
        """Write what is left and close the file; raises OSError where it takes no more."""
        try:
            self._flush()
        finally:
            self._file.close()

    def _arm(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._flush()
        else:
            self._armed = True
            loop.call_later(_BUFFER_SECONDS, self._on_time)

    def _on_time(self) -> None:
        self._armed = False
        if not self._file.closed:
            self._flush()

    def _flush(self) -> None:
        """What could not be written stays, so whoever adds or closes next is told too."""
        while self._lines:
            del self._lines[: self._file.write(self._lines)]


class Follower:
    """Reads samples while they are written: each look gives those that came since the look before."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_bytes = 0
        self._number = 0

    def new(self) -> Iterator[Sample]:
        """Every whole line since then, one at a time; a line that is not written to its end yet is left to the next
        look. Raises ValueError, naming file and line, for damage."""
        with self._path.open("rb") as lines:
            lines.seek(self._read_bytes)
            for line in lines:
                if not line.endswith(b"\n"):
                    return
                self._number += 1
                self._read_bytes += len(line)
                yield self._decoded(line)

    def _decoded(self, line: bytes) -> Sample:
        try:
            return _DECODER.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise ValueError(f"{self._path}: line {self._number} is damaged") from None


def read_samples(path: Path) -> Iterator[Sample]:
    """Every whole line of the file, one at a time; a last line cut by a crash, or not written to its end yet, is left
    out. Raises ValueError, naming file and line, for damage anywhere else."""
    return Follower(path).new()


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` of the ordered values lie strictly before; None of nothing.

    Ties go to the slower side: with exactly 5 % of requests late, p95 is late. A gate should rather doubt the
    platform than its own rounding.
    """
    if not ordered:
        return None
    return ordered[min(int(len(ordered) * share + 1e-9), len(ordered) - 1)]
