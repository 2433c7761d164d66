"""One line for every request that was sent, and the figures made of them."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from pytest_examday.evidence.figures import ERRORS, OperationFigures, Outcome, Window

_BUFFER_SECONDS = 0.1
_BUFFER_BYTES = 64 * 1024


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


def read_samples(path: Path) -> list[Sample]:
    """Every whole line of the file; a last line cut by a crash is left out."""
    text = path.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    return [Sample(*json.loads(line)) for line in whole.splitlines()]


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` of the ordered values lie strictly before; None of nothing.

    Ties go to the slower side: with exactly 5 % of requests late, p95 is late. A gate should rather doubt the
    platform than its own rounding.
    """
    if not ordered:
        return None
    return ordered[min(int(len(ordered) * share + 1e-9), len(ordered) - 1)]


def figures(operation: str, samples: Iterable[Sample]) -> OperationFigures:
    """The figures of these samples; a 429 counts apart and never improves a latency."""
    samples = list(samples)
    outcomes = Counter(sample.outcome for sample in samples)
    waits = sorted(sample.ms for sample in samples if sample.outcome != "limited")
    p50, p95, p99, worst = (percentile(waits, share) for share in (0.5, 0.95, 0.99, 1.0))
    return OperationFigures(
        operation=operation,
        requests=len(samples),
        succeeded=outcomes["ok"],
        errors=sum(outcomes[outcome] for outcome in ERRORS),
        limited=outcomes["limited"],
        by_outcome={str(outcome): count for outcome, count in outcomes.items()},
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        max_ms=worst,
    )


def by_operation(samples: Iterable[Sample]) -> tuple[OperationFigures, ...]:
    """The figures of each operation that occurs."""
    groups: dict[str, list[Sample]] = {}
    for sample in samples:
        groups.setdefault(sample.operation, []).append(sample)
    return tuple(figures(operation, group) for operation, group in sorted(groups.items()))


def overlapping(samples: Iterable[Sample]) -> int:
    """How many requests were sent while another of the same candidate was under way: real double clicks."""
    busy_until: dict[str, float] = {}
    doubles = 0
    for sample in sorted(samples, key=lambda sample: sample.started):
        doubles += sample.started < busy_until.get(sample.candidate, 0.0)
        busy_until[sample.candidate] = max(busy_until.get(sample.candidate, 0.0), sample.ended)
    return doubles


def windows(samples: Sequence[Sample], seconds: float, ramp_seconds: float) -> tuple[Window, ...]:
    """The samples in slices of equal length by the moment of sending, from the first request on; a slice that
    begins within the ramp belongs to it."""
    if not samples:
        return ()
    begin = min(sample.started for sample in samples)
    slices: dict[int, list[Sample]] = {}
    for sample in samples:
        slices.setdefault(int((sample.started - begin) / seconds), []).append(sample)
    return tuple(
        Window(
            started=begin + number * seconds,
            ended=begin + (number + 1) * seconds,
            ramp=number * seconds < ramp_seconds,
            figures=figures("all", group),
        )
        for number, group in sorted(slices.items())
    )
