"""One line for every request that was sent."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from pytest_examday.evidence.figures import Outcome


class Sample(NamedTuple):
    """One request: when it started (seconds since the epoch), how long it took, how it ended.

    The request that ended its action also tells `response_ms`: from the moment at which the action was due to its
    end, with the generator's own delay, retries, back-off and a new token in it. Attempts before it have None.
    """

    operation: str
    candidate: str
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
    """Appends samples to a file."""

    def __init__(self, path: Path) -> None:
        self._file: IO[str] = path.open("a", buffering=1, encoding="utf-8")

    def add(self, sample: Sample) -> None:
        """Append one."""
        self._file.write(json.dumps(sample, separators=(",", ":")) + "\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_samples(path: Path) -> Iterator[Sample]:
    """Every whole line of the file, one at a time; a last line cut by a crash, or not written to its end yet, is left
    out. Raises ValueError, naming file and line, for damage anywhere else."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.endswith(b"\n"):
                return
            try:
                yield _DECODER.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                raise ValueError(f"{path}: line {number} is damaged") from None


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` of the ordered values lie strictly before; None of nothing.

    Ties go to the slower side: with exactly 5 % of requests late, p95 is late. A gate should rather doubt the
    platform than its own rounding.
    """
    if not ordered:
        return None
    return ordered[min(int(len(ordered) * share + 1e-9), len(ordered) - 1)]
