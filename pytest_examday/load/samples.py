"""Samples: a file with one line for every request that was sent."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from pytest_examday.evidence.figures import RequestOutcome

_BUFFER_SECONDS = 0.1
_BUFFER_BYTES = 64 * 1024


class Sample(NamedTuple):
    """One request: when it started (seconds since the epoch), how long it took, how it ended.

    `response_ms` is the response time of the action: from the moment at which it was due to its end. Delays of the
    generator, earlier attempts, pauses between them and a renewed token count too. Only the request that ended its
    action has one; earlier attempts have None. `request_id` is the id that was sent, `returned_id` the id in the
    reply if it differs: a gateway may give requests ids of its own.
    """

    operation: str
    actor: str
    started: float
    ms: float
    status: int | None
    outcome: RequestOutcome
    request_id: str
    response_ms: float | None = None
    returned_id: str | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids by which a log may name the request."""
        return (self.request_id,) if self.returned_id is None else (self.request_id, self.returned_id)

    @property
    def ended(self) -> float:
        """When the request ended, seconds since the epoch."""
        return self.started + self.ms / 1000


_DECODER = msgspec.json.Decoder(Sample)


class SampleWriter:
    """Appends samples to a file. In an event loop a sample is written within a tenth of a second, so that a killed
    process loses no more than that; without a loop it is written at once."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("ab", buffering=0)
        self._encoder = msgspec.json.Encoder()
        self._lines = bytearray()
        self._armed = False

    def add(self, sample: Sample) -> None:
        """Append one sample; raises OSError if the file takes no more."""
        self._encoder.encode_into(sample, self._lines, -1)
        self._lines += b"\n"
        if not self._armed:
            self._arm()
        elif len(self._lines) >= _BUFFER_BYTES:
            self._flush()

    def close(self) -> None:
        """Write what is left and close the file; raises OSError if it takes no more."""
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
        """Write the buffer. What cannot be written stays in it, so that the next call fails as well."""
        while self._lines:
            del self._lines[: self._file.write(self._lines)]


class Follower:
    """Reads a file of samples while it is written: each call of `new` returns the samples since the last call."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_bytes = 0
        self._number = 0

    def new(self) -> Iterator[Sample]:
        """The samples since the last call, one at a time. A line that is not complete yet is left for the next call.

        Raises ValueError, naming file and line, for a damaged line.
        """
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
    """The samples of a file, one at a time. A last line that is not complete is left out.

    Raises ValueError, naming file and line, for a damaged line.
    """
    return Follower(path).new()


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The first of the sorted values that has at least `share` of them (0 to 1) before it; None if there is no value.

    With exactly 5 % of requests late, p95 is late: rounding never favours the platform.
    """
    if not ordered:
        return None
    return ordered[min(int(len(ordered) * share + 1e-9), len(ordered) - 1)]
