"""The requests of a drill, counted in short spans of time for its chart."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.evidence.figures import ERRORS
from pytest_examday.load.samples import Sample, read_samples

_MOST_SLICES = 80


@dataclass(frozen=True)
class Slice:
    """The requests that were sent within a short span; times are seconds since the epoch."""

    started: float
    ended: float
    succeeded: int
    failed: int


def slices(directory: Path, drill: DrillEvidence) -> tuple[Slice, ...]:
    """The requests of a drill, counted in spans of a second or longer; at most 80 spans.

    Empty if the samples cannot be read. The text below the chart then still gives the counts of the stages, which are
    part of the evidence.
    """
    samples = chain.from_iterable(read_samples(directory / name) for name in drill.samples)
    try:
        return _cut(samples, drill.before.started, drill.after.ended)
    except (OSError, ValueError):
        return ()


def _cut(samples: Iterable[Sample], began: float, ended: float) -> tuple[Slice, ...]:
    width = max(1.0, (ended - began) / _MOST_SLICES)
    succeeded: Counter[int] = Counter()
    failed: Counter[int] = Counter()
    for sample in samples:
        if began <= sample.started <= ended:
            number = int((sample.started - began) / width)
            succeeded[number] += sample.outcome == "ok"
            failed[number] += sample.outcome in ERRORS
    return tuple(
        Slice(
            started=began + number * width,
            ended=min(began + (number + 1) * width, ended),
            succeeded=succeeded[number],
            failed=failed[number],
        )
        for number in sorted(succeeded)
    )
